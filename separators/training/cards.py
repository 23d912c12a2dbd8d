"""Writes the weights of a training with their card, at each of its stages."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from separators import registry, weights
from separators.networks import architectures
from separators.training.mixing import Mixer
from separators.training.recipes import RECIPES
from separators.training.trainer import Trainer, measure

COUNTS = {2: "two", 3: "three", 4: "four"}
WHEN = {"early": ", early in its training", "middle": ", midway in its training"}


@dataclass(frozen=True)
class Stages:
    """A training, and where what it keeps is written."""

    name: str
    out: Path
    config: architectures.Config
    trainer: Trainer
    mixer: Mixer
    seed: int
    start: str | None
    development: tuple[Tensor, Tensor]
    unseen: int  # speakers of `development`

    def keep(self, stage: str) -> dict[str, Any]:
        """Write weights and card of now: NAME-early, NAME-middle, or NAME itself."""
        out = self.out
        path = out if stage == "final" else out.with_stem(f"{out.stem}-{stage}")
        network = self.trainer.average.module
        card = {
            **self._words(path, stage),
            "stage": stage,
            "training": self._history(),
            "measured": {
                "si_snri_db": round(measure(network, *self.development), 2),
                "mixtures": len(self.development[0]),
                "speakers": self.unseen,
                "what": f"clean {COUNTS[self.config.sources]}-speaker mixtures of "
                "4 s, speakers unseen in training",
            },
        }
        return weights.save(network, path, config=self.config, card=card)

    def _history(self) -> dict[str, Any]:
        progress, begun = self.trainer.progress, {}
        if self.start:
            begun["start"] = f"{self.start} {registry.info(self.start).revision}"
        return {
            "steps": progress.steps,
            "minutes": round(progress.seconds / 60, 1),
            "seed": self.seed,
            "loss": "negative SNR in dB under the better pairing",
            "plan": asdict(self.trainer.plan),
            "mixing": asdict(self.mixer.plan),
            "history": list(progress.history),
            **begun,
        }

    def _words(self, path: Path, stage: str) -> dict[str, Any]:
        """What a card says in words; those of an earlier card are kept."""
        architecture = architectures.ARCHITECTURES[self.config.architecture]
        title = f"{architecture.title}, {self.out.stem}"
        if self.name in RECIPES:
            title = RECIPES[self.name].title
        speech = self.mixer.speech
        words: dict[str, Any] = {
            "title": title + WHEN.get(stage, ""),
            "training_data": f"{COUNTS[self.config.sources].capitalize()}-speaker "
            f"mixtures of {len(speech.speakers)} speakers, "
            f"{math.ceil(speech.seconds / 360) / 10} h of speech",
            "licence": "Apache-2.0",
            "citation": architecture.citation,
            "attributions": [],
        }
        earlier = path.with_suffix(".json")
        if earlier.exists():
            kept = json.loads(earlier.read_text())
            words |= {key: kept[key] for key in words if key in kept}
        return words
