"""Accepting an upload: one mixture, one stamp, or a refusal with its reason."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from recordings import audio, coded, incoming, objects, stamps, takes
from recordings.headers import RecordingRejected as RecordingRejected
from recordings.models import Mixture, SoloTake, Stamp, Take

CLOSED = gettext_noop(
    "The campaign “{campaign}” is closed; recordings are taken while it is open. "
    "Choose another on the recording page."
)
SOLO_SECONDS = (1.0, 20.0)  # one sentence, or two seconds of silence


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
    sound = _inspected(content, campaign.min_seconds, campaign.max_seconds)
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
            gettext_noop(
                "These two sentences are recorded already; one recording of them is "
                "expected. Reload the page for the next two."
            )
        )
    if not take.session.campaign.is_open:
        raise RecordingRejected(CLOSED, campaign=take.session.campaign)
    if takes.was_given_away(take):
        raise RecordingRejected(
            gettext_noop(
                "The time for these sentences ran out and they went to others; a "
                "recording of your present sentences is expected. Reload the page for "
                "new ones."
            )
        )
    if Mixture.objects.filter(sha256=digest).exclude(take__pk=take.pk).exists():
        raise RecordingRejected(
            gettext_noop(
                "This recording was sent before for other sentences; each is taken "
                "once. Please record the two sentences shown now."
            )
        )
    return None


def accept_solo(
    solo: SoloTake, content: bytes, capture: dict[str, Any], *, now: datetime
) -> None:
    """Store a voice alone, or the silent room, once; the same bytes may come again."""
    digest = sha256(content).hexdigest()
    if _has_solo(solo, digest):
        return
    low, high = SOLO_SECONDS
    is_silence = solo.part == SoloTake.Part.SILENCE
    sound = _inspected(content, low, high, may_be_silent=is_silence)
    values = _stored(sound, content, capture, folder="solos")
    with transaction.atomic():
        solo = SoloTake.objects.select_for_update().get(pk=solo.pk)
        if _has_solo(solo, digest):
            return
        for name, value in values.items():
            setattr(solo, name, value)
        solo.recorded_at = now
        solo.save()


def finish_solo(
    solo: SoloTake, receipt: str, capture: dict[str, Any], *, now: datetime
) -> None:
    """`accept_solo` what was uploaded under `receipt`."""
    content = incoming.fetch(receipt, solo.subject)
    try:
        accept_solo(solo, content, capture, now=now)
    finally:
        incoming.discard(receipt, solo.subject)


def _has_solo(solo: SoloTake, digest: str) -> bool:
    """Whether these bytes are its recording already; refusals of what may not be."""
    if solo.recorded_at is not None:
        if solo.sha256 == digest:
            return True
        raise RecordingRejected(
            gettext_noop(
                "This part is recorded already; one recording of it is expected. "
                "Reload the page for the next."
            )
        )
    if not solo.session.campaign.is_open:
        raise RecordingRejected(CLOSED, campaign=solo.session.campaign)
    if solo.session.solo_takes.filter(sha256=digest).exists():
        raise RecordingRejected(
            gettext_noop(
                "This recording was sent before for another part; each is taken once. "
                "Please record the part shown now."
            )
        )
    return False


def _mixture(
    take: Take,
    sound: audio.Sound,
    content: bytes,
    capture: dict[str, Any],
    *,
    now: datetime,
) -> Mixture:
    """The row to be, its objects stored; an orphan if the row is never saved."""
    return Mixture(
        campaign=take.session.campaign,
        slug=f"m-{secrets.token_hex(6)}",
        created_at=now,
        **_stored(sound, content, capture, folder="mixtures"),
    )


def _inspected(
    content: bytes, low: float, high: float, *, may_be_silent: bool = False
) -> audio.Sound:
    read = coded.inspect if coded.name_of(content) else audio.inspect
    return read(content, min_seconds=low, max_seconds=high, may_be_silent=may_be_silent)


def _stored(
    sound: audio.Sound, content: bytes, capture: dict[str, Any], *, folder: str
) -> dict[str, Any]:
    """The untouched bytes and a mono FLAC as objects, and what they are like."""
    mono = sound.mono()
    measures = audio.measure(mono)
    bits = 16 if sound.subtype == "PCM_16" and sound.channels == 1 else 24
    flac = audio.encode_flac(mono, sound.sample_rate, bits=bits)
    suffix = sound.container.lower()
    file = {
        "container": sound.container,
        "subtype": sound.subtype,
        "channels": sound.channels,
        "mono": "mean of 2 channels" if sound.channels == 2 else "as sent",
        "clipped_share": round(measures.clipped_share, 6),
        "dc": round(measures.dc, 6),
    }
    return {
        "original": objects.store(content, folder="originals", suffix=suffix),
        "audio": objects.store(flac, folder=folder, suffix="flac"),
        "sha256": sha256(content).hexdigest(),
        "sample_rate": sound.sample_rate,
        "seconds": sound.seconds,
        "level_db": measures.level_db,
        "peak_db": measures.peak_db,
        "capture": {**capture, "file": file},
    }
