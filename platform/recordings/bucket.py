"""The S3 client: one for us, one that signs addresses as browsers see the bucket."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def client() -> "S3Client":
    """For requests of our own."""
    return _client(settings.S3_ENDPOINT, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY)


def signer() -> "S3Client":
    """For addresses that a browser will open."""
    return _client(
        settings.S3_PUBLIC_ENDPOINT, settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY
    )


@cache
def _client(endpoint: str, access_key: str, secret_key: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        aws_access_key_id=access_key or None,
        aws_secret_access_key=secret_key or None,
        region_name=settings.S3_REGION,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def prepare(*, site_url: str) -> list[str]:
    """Make the bucket if it is absent, and set its rules; returns what was done."""
    name, s3 = settings.S3_BUCKET, client()
    done = []
    if name not in {entry["Name"] for entry in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=name)
        done.append(f"Made the bucket {name}.")
    s3.put_bucket_cors(
        Bucket=name,
        CORSConfiguration={
            "CORSRules": [
                {
                    "AllowedOrigins": [site_url],
                    "AllowedMethods": ["POST", "GET", "HEAD"],
                    "AllowedHeaders": ["*"],
                    "MaxAgeSeconds": 3600,
                }
            ]
        },
    )
    done.append(f"Pages of {site_url} may upload to it and play from it.")
    s3.put_bucket_lifecycle_configuration(
        Bucket=name,
        LifecycleConfiguration={
            "Rules": [
                {
                    "ID": "forgotten-uploads",
                    "Filter": {"Prefix": "incoming/"},
                    "Status": "Enabled",
                    "Expiration": {"Days": 1},
                }
            ]
        },
    )
    done.append("Uploads that were never finished go after one day.")
    return done
