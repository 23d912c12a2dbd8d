"""Trains a separator from folders of recordings, and writes its weights and card."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from separators import registry
from separators.networks import architectures
from separators.training.cards import Stages
from separators.training.mixing import Mixer, MixingPlan
from separators.training.recipes import configuration
from separators.training.speech import SpeechPool, hold_out, load_clips, load_speech
from separators.training.trainer import Report, Trainer, TrainingPlan, run

DEVELOPMENT_MIXTURES = 50
DEVELOPMENT_SECONDS = 4.0
DEVELOPMENT_SEED = 1

OnReport = Callable[[Report], None]
OnReading = Callable[[int, int], None]


@dataclass(frozen=True)
class Material:
    """The folders that a training draws from; speakers are folders of their own."""

    speech: Path
    development: Path | None = None  # by default some speakers are held out
    noise: Path | None = None
    rooms: Path | None = None


def train(
    name: str,
    *,
    material: Material,
    out: Path,
    plan: TrainingPlan,
    seed: int = 0,
    start: str | None = None,
    resume: bool = False,
    on_report: OnReport = lambda _: None,
    on_reading: OnReading | None = None,
) -> dict[str, Any]:
    """Train an architecture, or a shipped separator anew, and return its card.

    Args:
        name: a recipe, an architecture, or a separator whose sizes are to be used.
        out: the weights file; its card and its checkpoint lie beside it.
        start: a separator whose weights to begin with, as far as their sizes agree.
        resume: go on from the checkpoint, if there is one.
    """
    config = configuration(name)
    checkpoint = out.with_suffix(".pt")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    network = architectures.build(config)
    if start:
        begin_with(network, start)
    trainer = Trainer(network, plan=plan)
    if resume and checkpoint.exists():
        trainer.resume(checkpoint)
    seen, unseen = _pools(material, config, on_reading)
    mixer = _mixer(
        seen, material, sources=config.sources, seed=seed + trainer.progress.steps
    )
    stages = Stages(
        name=name,
        out=out,
        config=config,
        trainer=trainer,
        mixer=mixer,
        seed=seed,
        start=start,
        development=development_mixtures(unseen, sources=config.sources),
        unseen=len(unseen.speakers),
    )
    return _run(stages, checkpoint, on_report)


def _run(stages: Stages, checkpoint: Path, on_report: OnReport) -> dict[str, Any]:
    trainer, mixer, development = stages.trainer, stages.mixer, stages.development
    earlier = trainer.progress.seconds
    for report in run(trainer, mixer, development=development, checkpoint=checkpoint):
        for stage in trainer.plan.stages_between(earlier, report.seconds):
            stages.keep(stage)
        earlier = report.seconds
        on_report(report)
    return stages.keep("final")


def begin_with(network: nn.Module, start: str) -> None:
    """Take over the tensors of a separator that have the same name and shape.

    Raises:
        ValueError: if it has none of them.
    """
    given = getattr(registry.load(start), "network", nn.Module()).state_dict()
    own = network.state_dict()
    fitting = {
        key: value
        for key, value in given.items()
        if key in own and own[key].shape == value.shape
    }
    if not fitting:
        raise ValueError(
            f"{start} has no tensor that fits this network; expected a separator of "
            "the same architecture. Start from another, or from nothing."
        )
    network.load_state_dict(fitting, strict=False)


def development_mixtures(
    pool: SpeechPool, *, sources: int = 2
) -> tuple[Tensor, Tensor]:
    """Return the same clean mixtures each time, and their references."""
    plan = MixingPlan(sources=sources, seconds=DEVELOPMENT_SECONDS)
    return Mixer(pool, plan=plan, seed=DEVELOPMENT_SEED).batch(DEVELOPMENT_MIXTURES)


def _pools(
    material: Material, config: architectures.Config, on_reading: OnReading | None
) -> tuple[SpeechPool, SpeechPool]:
    pool = load_speech(material.speech, config.sample_rate, on_reading)
    if material.development is None:
        return hold_out(pool, share=0.1, at_least=config.sources)
    return pool, load_speech(material.development, config.sample_rate)


def _mixer(speech: SpeechPool, material: Material, *, sources: int, seed: int) -> Mixer:
    rate = speech.sample_rate
    return Mixer(
        speech,
        plan=MixingPlan(sources=sources),
        seed=seed,
        noises=load_clips(material.noise, rate) if material.noise else (),
        rooms=load_clips(material.rooms, rate) if material.rooms else (),
    )
