"""Where a session was used from, as keyed hashes that cannot be turned back."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings

from ratings import consent
from ratings.models import Session, Study, Trace

KEPT = timedelta(days=30)  # after the trace was seen
HEX = 16  # characters of a hash


def note(session: Session, *, address: str, browser: str, now: datetime) -> None:
    """Remember the place, if the study's consent text says so; else keep nothing."""
    if not consent.allows_traces(session.study.consent_text):
        return
    Trace.objects.get_or_create(
        session=session,
        address=_hash(session.study, "address", _network(address)),
        browser=_hash(session.study, "browser", browser),
        defaults={"seen_at": now},
    )


def forget(*, now: datetime) -> int:
    """Delete what is older than promised; how many were."""
    return Trace.objects.filter(seen_at__lt=now - KEPT).delete()[0]


def address_of(meta: Mapping[str, str]) -> str:
    """The rater's address; behind our proxy it is the last one forwarded."""
    forwarded = meta.get("HTTP_X_FORWARDED_FOR", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return meta.get("REMOTE_ADDR", "")


def browser_of(meta: Mapping[str, str]) -> str:
    """What the browser says of itself in each request."""
    return "\n".join(
        meta.get(name, "") for name in ("HTTP_USER_AGENT", "HTTP_ACCEPT_LANGUAGE")
    )


def _network(address: str) -> str:
    """An IPv4 address, or the /64 that one household has in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ip_network(f"{found}/64", False))


def _hash(study: Study, kind: str, value: str) -> str:
    """Differs between studies and sites, so traces cannot be joined."""
    key = hmac.digest(settings.SECRET_KEY.encode(), b"rater traces", "sha256")
    words = f"{study.pk}:{kind}:{value}".encode()
    return hmac.digest(key, words, "sha256").hex()[:HEX]
