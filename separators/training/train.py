"""Trains a separator from folders of recordings, and writes its weights and card."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from separators import registry, weights
from separators.networks import architectures
from separators.training.mixing import Mixer, MixingPlan
from separators.training.recipes import RECIPES
from separators.training.speech import SpeechPool, hold_out, load_clips, load_speech
from separators.training.trainer import Report, Trainer, TrainingPlan, measure, run

DEVELOPMENT_MIXTURES = 50
DEVELOPMENT_SECONDS = 4.0
DEVELOPMENT_SEED = 1
_COUNTS = {2: "two", 3: "three", 4: "four"}
_STAGES = {"early": "early in its training", "middle": "midway in its training"}

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
    development = development_mixtures(unseen, sources=config.sources)

    def keep(path: Path, stage: str) -> dict[str, Any]:
        network = trainer.average.module
        card = {
            **_words(path, config, seen, title=_title(name, out, stage)),
            "stage": stage,
            "training": _history(trainer, mixer, seed) | _begun(start),
            "measured": {
                "si_snri_db": round(measure(network, *development), 2),
                "mixtures": DEVELOPMENT_MIXTURES,
                "speakers": len(unseen.speakers),
                "what": f"clean {_COUNTS[config.sources]}-speaker mixtures of 4 s, "
                "speakers unseen in training",
            },
        }
        return weights.save(network, path, config=config, card=card)

    earlier = trainer.progress.seconds
    for report in run(trainer, mixer, development=development, checkpoint=checkpoint):
        for stage, share in (("early", plan.early), ("middle", plan.middle)):
            if earlier < share * 60 * plan.minutes <= report.seconds:
                keep(out.with_stem(f"{out.stem}-{stage}"), stage)
        earlier = report.seconds
        on_report(report)
    return keep(out, "final")


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


def _begun(start: str | None) -> dict[str, str]:
    return {"start": f"{start} {registry.info(start).revision}"} if start else {}


def _history(trainer: Trainer, mixer: Mixer, seed: int) -> dict[str, Any]:
    return {
        "steps": trainer.progress.steps,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "seed": seed,
        "loss": "negative SNR in dB under the better pairing",
        "plan": asdict(trainer.plan),
        "mixing": asdict(mixer.plan),
        "history": list(trainer.progress.history),
    }


def configuration(name: str) -> architectures.Config:
    """Return the sizes of a recipe, an architecture or a shipped separator.

    Raises:
        UnknownSeparator: if the name is none of them.
    """
    if name in RECIPES:
        return architectures.read_config(RECIPES[name].config)
    if name in architectures.ARCHITECTURES:
        return architectures.read_config({"architecture": name})
    about = registry.info(name)
    values = registry.card(name).get("config", {"architecture": about.architecture})
    return architectures.read_config(values)


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


def _title(name: str, out: Path, stage: str) -> str:
    if name in RECIPES:
        title = RECIPES[name].title
    else:
        architecture = architectures.ARCHITECTURES[configuration(name).architecture]
        title = f"{architecture.title}, {out.stem}"
    return title if stage == "final" else f"{title}, {_STAGES[stage]}"


def _words(
    path: Path, config: architectures.Config, speech: SpeechPool, *, title: str
) -> dict[str, Any]:
    """Return what a card says in words; those of an earlier card are kept."""
    architecture = architectures.ARCHITECTURES[config.architecture]
    words: dict[str, Any] = {
        "title": title,
        "training_data": f"{_COUNTS[config.sources].capitalize()}-speaker mixtures of "
        f"{len(speech.speakers)} speakers, {math.ceil(speech.seconds / 360) / 10} h "
        "of speech",
        "licence": "Apache-2.0",
        "citation": architecture.citation,
        "attributions": [],
    }
    earlier = path.with_suffix(".json")
    if earlier.exists():
        kept = json.loads(earlier.read_text())
        words |= {key: kept[key] for key in words if key in kept}
    return words
