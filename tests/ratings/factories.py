"""A campaign with separated mixtures and a study over them, in plain functions."""

import io
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import soundfile

from people import consent
from people.models import ConsentText
from ratings import assignments, studies
from ratings.models import Assignment, Session, Study
from recordings import objects
from recordings.models import Campaign, Mixture
from separation.models import Estimate, Run, Separator

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECONDS = 2.0  # of each mixture
LISTENING = timedelta(seconds=3 * SECONDS)
SEPARATORS = ("alpha-net", "beta-net", "gamma-net")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def flac(
    seconds: float = SECONDS,
    *,
    rate: int = 8000,
    level: float = 0.1,
    seed: int = 0,
) -> bytes:
    """Noise with a syllable-like envelope: something to hear and to measure."""
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(size=len(time))
    samples = np.clip(level * noise * (1.2 + np.sin(2 * np.pi * 3 * time)), -1, 1)
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def campaign(slug: str = "meeting-room") -> Campaign:
    text = consent.current(ConsentText.Purpose.RECORD, body="We record you.", now=NOW)
    return Campaign.objects.create(
        slug=slug, title="Meeting room", consent_text=text, created_at=NOW
    )


def mixture(of: Campaign, number: int = 1, *, seconds: float = SECONDS) -> Mixture:
    audio = objects.store(
        flac(seconds, rate=44100, seed=number), folder="mixtures", suffix="flac"
    )
    return Mixture.objects.create(
        campaign=of,
        slug=f"{of.slug}-{number}",
        original=audio,
        audio=audio,
        sha256=f"{number:064d}",
        sample_rate=44100,
        seconds=seconds,
        level_db=-20,
        peak_db=-3,
        created_at=NOW,
    )


def separator(name: str) -> Separator:
    found, _ = Separator.objects.get_or_create(
        name=name,
        defaults={
            "title": f"The {name}",
            "revision": "1",
            "architecture": "Conv-TasNet",
            "parameters": 5_000_000,
            "sample_rate": 8000,
            "training_data": "synthetic",
            "licence": "Apache-2.0",
        },
    )
    return found


def done_run(
    of: Mixture,
    by: str = "alpha-net",
    *,
    revision: str = "1",
    is_silent: bool = False,
    si_snr_db: float | None = None,
) -> Run:
    run = Run.objects.create(
        mixture=of,
        separator=separator(by),
        input_sha256=f"{of.pk}-{by}-{revision}",
        state=Run.State.DONE,
        queued_at=NOW,
    )
    for source in (1, 2):
        content = flac(of.seconds, level=0.02 * source, seed=100 * run.pk + source)
        audio = objects.store(content, folder="estimates", suffix="flac")
        Estimate.objects.create(
            run=run,
            source=source,
            audio=audio,
            sha256=objects.digest_of(audio),
            is_silent=is_silent and source == 2,
            measured_si_snr_db=si_snr_db,
        )
    return run


def study(
    *, mixtures: int = 2, separators: int = 2, slug: str = "overall", **fields: object
) -> Study:
    """An open study over mixtures x separators runs."""
    of = campaign(f"campaign-{slug}")
    for number in range(1, mixtures + 1):
        heard = mixture(of, number)
        for name in SEPARATORS[:separators]:
            done_run(heard, name)
    plain = {"controls_per_session": 0, "repeats_per_session": 0, **fields}
    made = studies.create(of, slug=slug, title="Overall", now=NOW, **plain)
    studies.open_(made)
    return made


def rater(of: Study, *, now: datetime = NOW) -> Session:
    return assignments.enroll(of, now=now)[0]


def leased(session: Session, *, now: datetime = NOW, seed: int = 0) -> Assignment:
    assignment = assignments.next_for(session, now=now, rng=Random(seed))
    assert assignment
    return assignment


def hear(assignment: Assignment) -> None:
    """As if the browser had fetched every sound."""
    assignment.plays.update(served_at=assignment.leased_at)


def rate_next(session: Session, *, now: datetime, score: int = 3) -> datetime:
    """Lease, hear and score one item; the time when it was sent."""
    assignment = leased(session, now=now)
    hear(assignment)
    assignments.submit(assignment, {1: score, 2: score}, now=now + LISTENING)
    return now + LISTENING
