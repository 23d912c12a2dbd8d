"""Trains a separator from folders of recordings, and writes its weights and card."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from separators import architectures, registry, weights
from separators.mixing import Mixer, MixingPlan
from separators.speech import SpeechPool, hold_out, load_clips, load_speech
from separators.trainer import Report, Trainer, TrainingPlan, measure, run

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
    resume: bool = False,
    on_report: OnReport = lambda _: None,
    on_reading: OnReading | None = None,
) -> dict[str, Any]:
    """Train an architecture, or a shipped separator anew, and return its card.

    Args:
        name: an architecture, or a separator whose configuration is to be used.
        out: the weights file; its card and its checkpoint lie beside it.
        resume: go on from the checkpoint, if there is one.
    """
    config = configuration(name)
    checkpoint = out.with_suffix(".pt")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    trainer = Trainer(architectures.build(config), plan=plan)
    if resume and checkpoint.exists():
        trainer.resume(checkpoint)
    seen, unseen = _pools(material, config.sample_rate, on_reading)
    mixer = _mixer(seen, material, seed=seed + trainer.progress.steps)
    development = development_mixtures(unseen)
    for report in run(trainer, mixer, development=development, checkpoint=checkpoint):
        on_report(report)
    network = trainer.average.module
    card = {
        **_words(out, config, seen),
        "training": {
            "steps": trainer.progress.steps,
            "minutes": round(trainer.progress.seconds / 60, 1),
            "seed": seed,
            "loss": "negative SNR in dB under the better pairing",
            "plan": asdict(plan),
            "mixing": asdict(mixer.plan),
            "history": trainer.progress.history,
        },
        "measured": {
            "si_snri_db": round(measure(network, *development), 2),
            "mixtures": DEVELOPMENT_MIXTURES,
            "speakers": len(unseen.speakers),
            "what": "clean two-speaker mixtures of 4 s, speakers unseen in training",
        },
    }
    return weights.save(network, out, config=config, card=card)


def configuration(name: str) -> architectures.Config:
    """Return the sizes of an architecture, or those of a shipped separator.

    Raises:
        UnknownSeparator: if the name is neither.
    """
    if name in architectures.ARCHITECTURES:
        return architectures.read_config({"architecture": name})
    about = registry.info(name)
    values = registry.card(name).get("config", {"architecture": about.architecture})
    return architectures.read_config(values)


def development_mixtures(pool: SpeechPool) -> tuple[Tensor, Tensor]:
    """Return the same clean mixtures each time, and their references."""
    plan = MixingPlan(seconds=DEVELOPMENT_SECONDS)
    return Mixer(pool, plan=plan, seed=DEVELOPMENT_SEED).batch(DEVELOPMENT_MIXTURES)


def _pools(
    material: Material, sample_rate: int, on_reading: OnReading | None
) -> tuple[SpeechPool, SpeechPool]:
    pool = load_speech(material.speech, sample_rate, on_reading)
    if material.development is None:
        return hold_out(pool, share=0.1)
    return pool, load_speech(material.development, sample_rate)


def _mixer(speech: SpeechPool, material: Material, *, seed: int) -> Mixer:
    rate = speech.sample_rate
    return Mixer(
        speech,
        plan=MixingPlan(),
        seed=seed,
        noises=load_clips(material.noise, rate) if material.noise else (),
        rooms=load_clips(material.rooms, rate) if material.rooms else (),
    )


def _words(
    out: Path, config: architectures.Config, speech: SpeechPool
) -> dict[str, Any]:
    """Return what a card says in words; those of an earlier card are kept."""
    architecture = architectures.ARCHITECTURES[config.architecture]
    words: dict[str, Any] = {
        "title": f"{architecture.title}, {out.stem}",
        "training_data": f"Two-speaker mixtures of {len(speech.speakers)} speakers, "
        f"{math.ceil(speech.seconds / 360) / 10} h of speech",
        "licence": "Apache-2.0",
        "citation": architecture.citation,
        "attributions": [],
    }
    earlier = out.with_suffix(".json")
    if earlier.exists():
        kept = json.loads(earlier.read_text())
        words |= {key: kept[key] for key in words if key in kept}
    return words
