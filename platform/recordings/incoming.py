"""Upload tickets: a form the browser may post once, to the bucket or to ourselves.

Both ways keep one contract: a random key, an exact content type, a size limit and
ten minutes. So the browser has one way to upload.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext

from recordings import bucket
from recordings.headers import RecordingRejected, gettext_noop

CONTENT_TYPES = ("audio/wav", "audio/webm", "audio/mp4", "audio/ogg")
CONTENT_TYPE = CONTENT_TYPES[0]  # what AudioWorklet gives; the rest is coded
MINUTES = 10
FORM_BYTES = 20_000  # what the form's own fields may add to the file
RECEIPT_HOURS = 24


class UploadRefused(Exception):
    """The upload does not keep to its ticket."""


class UploadMissing(RecordingRejected):
    """Nothing is there under the receipt: sending again helps, recording again no."""


class UploadChanged(UploadMissing):
    """What arrived is not what was announced."""


def ticket(
    subject: str, now: datetime, digest: str = "", content_type: str = CONTENT_TYPE
) -> dict[str, Any]:
    """Where to post the recording, with what fields, and the receipt to show then.

    `subject` says what is recorded, e.g. take:12. `digest` is the sha256 announced of
    the bytes, "" if none was; other bytes are then not taken.
    """
    key = f"incoming/{secrets.token_hex(16)}"
    return {
        **(
            _bucket_form(key, content_type)
            if settings.S3_BUCKET
            else _own_form(key, content_type, now)
        ),
        "receipt": signing.dumps([subject, key, digest], salt="recordings.receipt"),
        "max_bytes": settings.MAX_UPLOAD_BYTES,
    }


def receive(policy: str, file: "UploadedFile[bytes] | None", now: datetime) -> str:
    """Keep a file posted to ourselves if it keeps to its ticket; returns its key."""
    try:
        key, until, content_type = signing.loads(policy, salt="recordings.policy")
    except (signing.BadSignature, ValueError) as forged:
        raise UploadRefused(
            "The upload carries no ticket of this site; reload the page and send again."
        ) from forged
    if now.timestamp() > until:
        raise UploadRefused(
            f"The upload's ticket is older than {MINUTES} minutes; send again."
        )
    if file is None or file.content_type != content_type:
        found = file.content_type if file else "no file"
        raise UploadRefused(f"Found {found}; {content_type} is expected. Send again.")
    if (file.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise UploadRefused(too_big(file.size or 0))
    if default_storage.exists(key):
        default_storage.delete(key)  # a repeated post, as in the bucket
    _forget_old(now)
    default_storage.save(key, file)
    return str(key)


def fetch(receipt: str, subject: str) -> bytes:
    """The uploaded bytes that belong to `receipt`."""
    key, digest = _opened(receipt, subject)
    content = _read(key)
    found = sha256(content).hexdigest()
    if digest and found != digest:
        raise UploadChanged(
            gettext_noop(
                "The upload arrived changed: its SHA-256 begins with {found}, {told} "
                "was announced. Please send it again."
            ),
            found=found[:8],
            told=digest[:8],
        )
    return content


def _read(key: str) -> bytes:
    try:
        size = default_storage.size(key)
        if size > settings.MAX_UPLOAD_BYTES:
            raise RecordingRejected("{reason}", reason=too_big(size))
        with default_storage.open(key) as file:
            return bytes(file.read())
    except OSError as gone:
        raise UploadMissing(
            gettext_noop(
                "The upload did not arrive; the whole recording is expected. Please "
                "send it again."
            )
        ) from gone


def discard(receipt: str, subject: str) -> None:
    """Forget an upload that was accepted or refused."""
    default_storage.delete(_opened(receipt, subject)[0])


def too_big(size: int) -> str:
    words = gettext(
        "The file has {size:.1f} MB; at most {most:g} MB are taken. Please record a "
        "shorter piece."
    )
    return words.format(size=size / 1e6, most=settings.MAX_UPLOAD_BYTES / 1e6)


def _forget_old(now: datetime) -> None:
    """Delete files of senders who never came back; in a bucket, a rule of it does."""
    if not default_storage.exists("incoming"):
        return
    for name in default_storage.listdir("incoming")[1]:
        key = f"incoming/{name}"
        if default_storage.get_modified_time(key) < now - timedelta(days=1):
            default_storage.delete(key)


def _opened(receipt: str, subject: str) -> tuple[str, str]:
    """The key and the announced digest inside a receipt of this subject."""
    try:
        named, key, digest = signing.loads(
            receipt,
            salt="recordings.receipt",
            max_age=timedelta(hours=RECEIPT_HOURS),
        )
    except (signing.BadSignature, ValueError):
        named, key, digest = "", "", ""
    if named != subject:
        raise RecordingRejected(
            gettext_noop(
                "The receipt of this upload belongs to another recording; one of this "
                "recording is expected. Please send it again."
            )
        )
    return str(key), str(digest)


def _bucket_form(key: str, content_type: str) -> dict[str, Any]:
    return dict(
        bucket.signer().generate_presigned_post(
            settings.S3_BUCKET,
            key,
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", 1, settings.MAX_UPLOAD_BYTES],
            ],
            ExpiresIn=MINUTES * 60,
        )
    )


def _own_form(key: str, content_type: str, now: datetime) -> dict[str, Any]:
    until = (now + timedelta(minutes=MINUTES)).timestamp()
    policy = signing.dumps([key, until, content_type], salt="recordings.policy")
    return {"url": reverse("recordings:upload"), "fields": {"policy": policy}}
