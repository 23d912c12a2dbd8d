"""Addresses of sounds that tell nothing: an opaque key, signed, for one rater."""

from collections.abc import Collection
from datetime import datetime

from django.core import signing
from django.urls import reverse

from ratings import renditions
from ratings.models import Assignment, Play

SECONDS = 600  # an address works; the page fetches all sounds when it opens
_signer = signing.TimestampSigner(salt="ratings.audio")


def address(play: Play) -> str:
    """Where the page finds this sound for the next ten minutes."""
    return reverse("ratings:audio", args=[_signer.sign(play.key)])


def sound(signed: str, *, sessions: Collection[int], now: datetime) -> bytes | None:
    """The WAV behind an address, noting that it was served.

    None for a forged or old address, for a browser that does not hold the rater's
    page (`sessions`: the sessions it holds), and after the scores were sent.
    """
    try:
        key = _signer.unsign(signed, max_age=SECONDS)
    except signing.BadSignature:
        return None
    play = (
        Play.objects.select_related(
            "assignment__item__run__mixture",
            "assignment__control",
            "estimate",
            "control_sound",
        )
        .filter(key=key, assignment__session__in=sessions)
        .exclude(assignment__state=Assignment.State.SUBMITTED)
        .first()
    )
    if play is None:
        return None
    content = renditions.wav(play)
    Play.objects.filter(pk=play.pk, served_at=None).update(served_at=now)
    return content
