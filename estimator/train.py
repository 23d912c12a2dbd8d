"""Training from folders of recordings to a file of weights with its card."""

from pathlib import Path
from typing import Any, NamedTuple

import torch

from estimator import weights
from estimator.calibration import Figures, calibrate, measure
from estimator.evaluation.plot import draw
from estimator.features import SAMPLE_RATE
from estimator.material.examples import Examples, collate, outputs
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separators_named
from estimator.material.recordings import Recordings
from estimator.network import HIGH_DB, LOW_DB, SepQE
from estimator.training_log import shown, written
from estimator.training_loop import Schedule, Trainer, fit, streamed

HELD_OUT = 0.05  # share of the speakers kept for early stopping and calibration
CHOSEN_ON, CALIBRATED_ON, MEASURED_ON = 100, 400, 300  # mixtures
CHOOSING_SEED, VALIDATION_SEED, FIGURES_SEED = 1_000_000, 1_000_001, 1_000_002
SPEAKERS = (2, 2, 2, 3)  # as often as they occur in training
RATE, RATE_AGAIN = 2e-3, 1e-3  # from nothing; from an earlier estimator


class Material(NamedTuple):
    """What to train on, what to calibrate on, what to measure on."""

    train: Mixer
    validation: Mixer
    unseen: Mixer


class Plan(NamedTuple):
    """How long and from where to train, and whose estimates to add."""

    minutes: float = 30.0
    steps: int | None = None  # in place of minutes: one seed then gives one result
    seed: int = 0
    start: str | None = None  # name or path of an earlier estimator
    resume: bool = False  # the training of the same file that was broken off
    separators: tuple[str, ...] = ()
    unseen_separators: tuple[str, ...] = ()  # to measure on, never to train on
    attributions: tuple[str, ...] = ()  # whom the card must name
    workers: int = 1
    device: str = "cpu"

    def schedule(self) -> Schedule:
        return Schedule(
            minutes=self.minutes,
            steps=self.steps,
            rate=RATE_AGAIN if self.start else RATE,
            workers=self.workers,
            device=self.device,
        )


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
        Mixer(train, noises, responses, speakers=_possible(train)),
        Mixer(validation, noises, responses, speakers=_possible(validation)),
        Mixer(unseen, other_noises, responses),
    )


def _possible(speech: Recordings) -> tuple[int, ...]:
    return tuple(count for count in SPEAKERS if count <= len(speech.groups))


def run(material: Material, plan: Plan, out: Path) -> dict[str, Any]:
    """Train, calibrate, measure; write weights and card, beside them log and plot.

    Returns:
        The card.

    Raises:
        ValueError: if a separator does not fit, or there is nothing to go on from.
    """
    torch.set_num_threads(1)  # the network is small; other processes mix
    unseen = separators_named(plan.unseen_separators)
    pool = list(separators_named(plan.separators).values())
    network = trained_network(material, plan, pool, out)
    calibrating = Examples(material.validation, VALIDATION_SEED, CALIBRATED_ON, pool)
    trained = calibrate(network, [*calibrating])
    found = _measured(trained, material.unseen, unseen)
    draw(
        out.with_suffix(".png"),
        measured_db=torch.cat([x.measured_db for x in found.values()]).numpy(),
        predicted_db=torch.cat([x.predicted_db for x in found.values()]).numpy(),
        title=f"{out.stem}: {', '.join(found)}",
    )
    card = _card(plan, network, found)
    weights.write(out, trained, card)
    return card


def trained_network(
    material: Material, plan: Plan, pool: list[Separate], out: Path
) -> SepQE:
    """The network at the end of its training, with its log as CSV beside `out`."""
    torch.manual_seed(plan.seed)
    network = SepQE()
    if plan.start:
        network = weights.read(weights.path_of(plan.start))[0].network
    trainer = Trainer(network, plan.schedule(), seed=plan.seed)
    checkpoint = out.with_suffix(".checkpoint")
    if plan.resume:
        trainer.resume(checkpoint)
    out.parent.mkdir(parents=True, exist_ok=True)
    stream = streamed(
        Examples(material.train, plan.seed, 0, pool),
        workers=plan.workers,
        first=trainer.seen,
    )
    choosing = collate([*Examples(material.validation, CHOOSING_SEED, CHOSEN_ON, pool)])
    reports = fit(trainer, stream, choosing, checkpoint=checkpoint)
    log = written(reports, out.with_suffix(".csv"), anew=not plan.resume)
    for _ in shown(log):
        pass
    return trainer.network.cpu()


def _measured(
    trained: weights.Trained, mixer: Mixer, separators: dict[str, Separate]
) -> dict[str, Figures]:
    """Agreement on unseen speakers: degraded estimates, then real separators."""
    degraded = measure(trained, [*Examples(mixer, FIGURES_SEED, MEASURED_ON)])
    real = {
        name: measure(trained, outputs(mixer, separate, FIGURES_SEED, MEASURED_ON))
        for name, separate in separators.items()
    }
    return {"degraded, unseen speakers": degraded, **real}


def _card(plan: Plan, network: SepQE, found: dict[str, Figures]) -> dict[str, Any]:
    degraded, *real = (
        {
            **figures.agreement._asdict(),
            "within_95": figures.within_95,
            "in_domain": figures.in_domain,
        }
        for figures in found.values()
    )
    return {
        "sample_rate": SAMPLE_RATE,
        "range_db": [LOW_DB, HIGH_DB],
        "reference": "image",  # each source as the microphone heard it
        "parameters": sum(x.numel() for x in network.parameters()),
        "unseen_speakers": degraded,
        "unseen_separators": dict(zip([*found][1:], real, strict=True)),
        "training": {
            "minutes": plan.minutes,
            "steps": plan.steps,
            "seed": plan.seed,
            "start": Path(plan.start).stem if plan.start else None,
            "separators": plan.separators,
        },
        "attributions": plan.attributions,
    }
