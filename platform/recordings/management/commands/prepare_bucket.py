"""`manage.py prepare_bucket`: make the bucket ready for uploads; may be repeated."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recordings import bucket


class Command(BaseCommand):
    help = "Make the bucket if absent, with its rules for pages and old uploads."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.S3_BUCKET:
            self.stdout.write("S3_BUCKET is not set: objects are files, nothing to do.")
            return
        for line in bucket.prepare(site_url=settings.SITE_URL):
            self.stdout.write(line)
