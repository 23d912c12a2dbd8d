"""Versions of consent texts, known by the hash of their words."""

from datetime import datetime
from hashlib import sha256

from people.models import ConsentText


def current(
    purpose: str, *, body: str, language: str = "en", now: datetime
) -> ConsentText:
    """The row of exactly this text; a changed text is a new version."""
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise ValueError("The consent text is empty; write what people agree to.")
    words = f"{purpose}\n{language}\n{body}"
    text, _ = ConsentText.objects.get_or_create(
        sha256=sha256(words.encode()).hexdigest(),
        defaults={
            "purpose": purpose,
            "language": language,
            "body": body,
            "created_at": now,
        },
    )
    return text
