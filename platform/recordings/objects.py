"""Private objects named by their content, in files or in a bucket."""

import re
from hashlib import sha256

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from recordings import bucket

CONTENT_TYPES = {
    ".flac": "audio/flac",
    ".wav": "audio/wav",
    ".webm": "audio/webm",
    ".mp4": "audio/mp4",
    ".ogg": "audio/ogg",
}
_signer = signing.TimestampSigner(salt="recordings.objects")
_NAME = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]+")


def store(content: bytes, *, folder: str, suffix: str) -> str:
    """Keep `content` and return its name; the same content is kept once."""
    digest = sha256(content).hexdigest()
    name = f"{folder}/{digest[:2]}/{digest}.{suffix.lstrip('.')}"
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"The object would be named {name!r}; folder and suffix must be lower-case "
            "words without slashes."
        )
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return name


def read(name: str) -> bytes:
    """The content of the object `name`."""
    with default_storage.open(name) as file:
        return bytes(file.read())


def digest_of(name: str) -> str:
    """The sha256 of the content, which is in the name."""
    return name.rpartition("/")[2].partition(".")[0]


def content_type(name: str) -> str:
    return CONTENT_TYPES.get(name[name.rfind(".") :], "application/octet-stream")


def signed_url(name: str, *, seconds: int = 600) -> str:
    """An address that plays `name` for `seconds`, to whoever holds it."""
    if settings.S3_BUCKET:
        return bucket.signer().generate_presigned_url(
            "get_object",
            Params={
                "Bucket": settings.S3_BUCKET,
                "Key": name,
                "ResponseContentType": content_type(name),
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=seconds,
        )
    signed = _signer.sign_object([name, seconds], compress=True)
    return reverse("recordings:object", args=[signed])


def from_signed(signed: str) -> str | None:
    """The name inside a signed address; None if forged or past its time."""
    try:
        name, seconds = _signer.unsign_object(signed)
        _signer.unsign_object(signed, max_age=seconds)
    except (signing.BadSignature, ValueError):
        return None
    return str(name)
