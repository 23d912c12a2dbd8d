"""Training from folders of recordings to a file of weights with its card."""

from pathlib import Path
from typing import Any, NamedTuple

import torch

from estimator import weights
from estimator.calibration import calibrate, measure
from estimator.features import SAMPLE_RATE
from estimator.material.examples import Examples, outputs
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separators_named
from estimator.material.recordings import Recordings
from estimator.network import HIGH_DB, LOW_DB, SepQE
from estimator.training_loop import fit

HELD_OUT = 0.05  # share of the speakers kept for calibration
CALIBRATED_ON = MEASURED_ON = 300  # mixtures
VALIDATION_SEED, FIGURES_SEED = 1_000_001, 1_000_002
RATE, RATE_AGAIN = 2e-3, 1e-3  # from nothing; from an earlier estimator


class Material(NamedTuple):
    """What to train on, what to calibrate on, what to measure on."""

    train: Mixer
    validation: Mixer
    unseen: Mixer


class Plan(NamedTuple):
    """How long and from where to train, and whose estimates to add."""

    minutes: float = 30.0
    seed: int = 0
    start: str | None = None  # name or path of an earlier estimator
    separators: tuple[str, ...] = ()
    unseen_separators: tuple[str, ...] = ()  # to measure on, never to train on
    attributions: tuple[str, ...] = ()  # whom the card must name


def material(
    speech: Path, *, noise: Path | None, rooms: Path | None, dev: Path | None
) -> Material:
    """Mixers over folders; without `dev` the calibration speakers serve twice."""
    train, validation = Recordings.under(speech).divide(HELD_OUT)
    unseen = Recordings.under(dev) if dev else validation
    noises = Recordings.under(noise) if noise else None
    other_noises = Recordings.under(noise, split="dev") if noise and dev else noises
    responses = Recordings.under(rooms) if rooms else None
    return Material(
        Mixer(train, noises, responses),
        Mixer(validation, noises, responses),
        Mixer(unseen, other_noises, responses),
    )


def run(material: Material, plan: Plan, out: Path) -> dict[str, Any]:
    """Train, calibrate, measure, and write weights and card.

    Returns:
        The card.
    """
    torch.set_num_threads(1)  # the network is small; a second process mixes
    unseen = separators_named(plan.unseen_separators)
    torch.manual_seed(plan.seed)
    network = SepQE()
    if plan.start:
        network = weights.read(weights.path_of(plan.start))[0].network
    seen = fit(
        network,
        material.train,
        seconds=60 * plan.minutes,
        rate=RATE_AGAIN if plan.start else RATE,
        seed=plan.seed,
        separate=list(separators_named(plan.separators).values()),
    )
    calibrating = Examples(material.validation, VALIDATION_SEED, CALIBRATED_ON)
    trained = calibrate(network, [*calibrating])
    card = _card(plan, seen, _figures(trained, material.unseen, unseen))
    weights.write(out, trained, card)
    return card


def _figures(
    trained: weights.Trained, mixer: Mixer, separators: dict[str, Separate]
) -> dict[str, Any]:
    """Agreement on unseen speakers: degraded estimates, then real separators."""
    degraded = measure(trained, [*Examples(mixer, FIGURES_SEED, MEASURED_ON)])
    real = {
        name: measure(trained, outputs(mixer, separate, FIGURES_SEED, MEASURED_ON))
        for name, separate in separators.items()
    }
    return {
        "unseen_speakers": degraded._asdict(),
        "unseen_separators": {name: found._asdict() for name, found in real.items()},
    }


def _card(plan: Plan, seen: int, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "sample_rate": SAMPLE_RATE,
        "range_db": [LOW_DB, HIGH_DB],
        "reference": "image",  # each source as the microphone heard it
        **figures,
        "training": {
            "minutes": plan.minutes,
            "seed": plan.seed,
            "start": Path(plan.start).stem if plan.start else None,
            "separators": plan.separators,
            "mixtures": seen,
        },
        "attributions": plan.attributions,
    }
