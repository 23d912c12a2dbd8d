"""What the tests of this room work with: one campaign, mixtures, separators, runs."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import numpy as np

from people.models import ConsentText
from recordings import audio, objects
from recordings.models import Campaign, Mixture, Reference
from separation.exchange import Input, Outcome, PredictedScore, SeparatedSource
from separation.models import Estimator, Run, Separator

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
RATE = 8000


def campaign(slug: str = "first") -> Campaign:
    text, _ = ConsentText.objects.get_or_create(
        sha256=sha256(b"I agree").hexdigest(),
        defaults={"purpose": "record", "body": "I agree", "created_at": NOW},
    )
    found, _ = Campaign.objects.get_or_create(
        slug=slug,
        defaults={"title": slug, "consent_text": text, "created_at": NOW},
    )
    return found


def noise(seed: int, *, seconds: float = 1.0, level: float = 0.1) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal(int(seconds * RATE))
    return (level * drawn).astype(np.float32)


def mixture(number: int = 1, *, of: Campaign | None = None) -> Mixture:
    content = audio.encode_flac(noise(number), RATE)
    name = objects.store(content, folder="mixtures", suffix=".flac")
    return Mixture.objects.create(
        campaign=of or campaign(),
        slug=f"mixture-{number}",
        original=name,
        audio=name,
        sha256=sha256(content).hexdigest(),
        sample_rate=RATE,
        seconds=1.0,
        level_db=-20,
        peak_db=-8,
        created_at=NOW,
        verdict=Mixture.Verdict.ACCEPT,
    )


def reference(mixture: Mixture, source: int) -> Reference:
    content = audio.encode_flac(noise(100 + source), RATE)
    name = objects.store(content, folder="references", suffix=".flac")
    return Reference.objects.create(mixture=mixture, source=source, audio=name)


def separator(name: str = "half", **fields: object) -> Separator:
    values: dict[str, object] = {
        "title": name.title(),
        "revision": "r1",
        "architecture": "none",
        "parameters": 0,
        "sample_rate": RATE,
        "training_data": "none",
        "licence": "Apache-2.0",
        **fields,
    }
    found, _ = Separator.objects.get_or_create(name=name, defaults=values)
    return found


def estimator(name: str = "default", revision: str = "e1") -> Estimator:
    return Estimator.objects.create(
        name=name, revision=revision, low_db=-10, high_db=30
    )


def run(number: int = 1, **fields: object) -> Run:
    if "mixture" not in fields:
        fields["mixture"] = mixture(number)
    values: dict[str, object] = {
        "separator": separator(),
        "separator_revision": "r1",
        "input_sha256": f"{number:064}",
        "queued_at": NOW,
        **fields,
    }
    return Run.objects.create(**values)


def halves(given: Input) -> Outcome:
    """Stands in for the engine: both sources are half of the mixture."""
    source = SeparatedSource(
        samples=given.samples * np.float32(0.5),
        predicted=[
            PredictedScore(
                estimator=name,
                si_snr_db=3.0,
                std_db=1.0,
                is_in_domain=True,
                curve_db=[2.0, 4.0],
                curve_rate=2.0,
            )
            for name in given.estimators
        ],
    )
    return Outcome([source, source], seconds=0.25, device="cpu")
