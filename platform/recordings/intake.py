"""Accepting an upload: one mixture, one stamp, or a refusal with its reason."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from recordings import audio, incoming, objects, stamps, takes
from recordings.headers import RecordingRejected as RecordingRejected
from recordings.models import Mixture, Stamp, Take


def accept(
    take: Take, content: bytes, capture: dict[str, Any], *, now: datetime
) -> Stamp:
    """Store the recording of `take` and issue its stamp.

    The same bytes for the same take give the same stamp again, so a sender that
    missed the answer may repeat.

    Raises:
        RecordingRejected: with what was found, what is expected, what to do.
    """
    digest = sha256(content).hexdigest()
    earlier = _earlier(take, digest)
    if earlier is not None:
        return earlier
    campaign = take.session.campaign
    sound = audio.inspect(
        content, min_seconds=campaign.min_seconds, max_seconds=campaign.max_seconds
    )
    mixture = _mixture(take, sound, content, capture, now=now)
    with transaction.atomic():
        # Two senders of one take: the second waits here, then finds the first's.
        take = Take.objects.select_for_update().get(pk=take.pk)
        earlier = _earlier(take, digest)
        if earlier is not None:
            return earlier
        mixture.save()
        stamp = stamps.issue(take.session.participant, subject=take.subject, now=now)
        take.mixture, take.stamp = mixture, stamp
        take.state = Take.State.RECORDED
        take.save(update_fields=["mixture", "stamp", "state"])
    return stamp


def finish(
    take: Take, receipt: str, capture: dict[str, Any], *, now: datetime
) -> Stamp:
    """`accept` what was uploaded under `receipt`; the upload itself is then gone.

    The bytes that were judged are stored, not copied from the upload: whoever holds
    its ticket could still replace that.
    """
    content = incoming.fetch(receipt, take.subject)
    try:
        return accept(take, content, capture, now=now)
    finally:
        incoming.discard(receipt, take.subject)


def known(take: Take, digest: str) -> Stamp | None:
    """The stamp that bytes of this sha256 earned already for this take."""
    if take.mixture and take.stamp and take.mixture.sha256 == digest:
        return take.stamp
    return None


def _earlier(take: Take, digest: str) -> Stamp | None:
    """The stamp these bytes earned already for this take; refusals of the rest."""
    stamp = known(take, digest)
    if stamp is not None:
        return stamp
    if take.state == Take.State.RECORDED:
        raise RecordingRejected(
            "These two sentences are recorded already; one recording of them is "
            "expected. Reload the page for the next two."
        )
    if not take.session.campaign.is_open:
        raise RecordingRejected(
            f"The campaign “{take.session.campaign}” is closed; recordings are taken "
            "while it is open. Choose another on the recording page."
        )
    if takes.was_given_away(take):
        raise RecordingRejected(
            "The time for these sentences ran out and they went to others; a recording "
            "of your present sentences is expected. Reload the page for new ones."
        )
    if Mixture.objects.filter(sha256=digest).exclude(take__pk=take.pk).exists():
        raise RecordingRejected(
            "This recording was sent before for other sentences; each is taken once. "
            "Please record the two sentences shown now."
        )
    return None


def _mixture(
    take: Take,
    sound: audio.Sound,
    content: bytes,
    capture: dict[str, Any],
    *,
    now: datetime,
) -> Mixture:
    """The row to be, its objects stored; an orphan if the row is never saved."""
    mono = sound.mono()
    measures = audio.measure(mono)
    bits = 16 if sound.subtype == "PCM_16" and sound.channels == 1 else 24
    flac = audio.encode_flac(mono, sound.sample_rate, bits=bits)
    return Mixture(
        campaign=take.session.campaign,
        slug=f"m-{secrets.token_hex(6)}",
        original=objects.store(
            content, folder="originals", suffix=sound.container.lower()
        ),
        audio=objects.store(flac, folder="mixtures", suffix="flac"),
        sha256=sha256(content).hexdigest(),
        sample_rate=sound.sample_rate,
        seconds=sound.seconds,
        level_db=measures.level_db,
        peak_db=measures.peak_db,
        capture={
            **capture,
            "file": {
                "container": sound.container,
                "subtype": sound.subtype,
                "channels": sound.channels,
                "mono": "mean of 2 channels" if sound.channels == 2 else "as sent",
                "clipped_share": round(measures.clipped_share, 6),
                "dc": round(measures.dc, 6),
            },
        },
        created_at=now,
    )
