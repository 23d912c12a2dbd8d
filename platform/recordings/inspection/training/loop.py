"""Training of the voice counter within a budget of processor time."""

import json
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.nn.functional import cross_entropy

from recordings.inspection import enrolment, mel, voices
from recordings.inspection.mel import Samples
from recordings.inspection.training import network, scenes
from recordings.inspection.training.scenes import Material

BATCH = 32
FRESH = 10  # new scenes per step; the others are drawn from those seen lately
KEPT = 4_000
RATE = 2e-3
STRANGERS = 10
AVERAGED = 0.998  # of the weights, over steps
HELD_OUT = ("librispeech_test_clean",)  # its texts calibrate the check of sentences


@dataclass(frozen=True)
class Quality:
    """Shares of the frames of unseen speakers."""

    accuracy: float  # of the four classes
    overlap_recall: float
    overlap_precision: float


def train(
    speech: Path,
    out: Path,
    *,
    cpu_minutes: float,
    seed: int,
    say: Callable[[str], None],
) -> Quality:
    """Train on the split `train` of `speech`, measure on `dev`, write `out` (ONNX).

    A card with what it was made of and how good it is lies beside it (JSON).
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    material = Material.under(speech, split="train", keep=3, without=HELD_OUT)
    dev = Material.under(speech, split="dev", keep=20)
    say(f"{len(material.names)} speakers to train on, {len(dev.names)} to measure on")
    averaged, steps = fit(material, rng, 60 * cpu_minutes, out, say)
    network.export(averaged, out)
    enrolment.save_strangers(_strangers(material), out.parent / "strangers.npz")
    quality = measure(out, dev)
    write_card(out, quality, steps=steps, cpu_minutes=cpu_minutes, seed=seed)
    return quality


def write_card(
    out: Path, quality: Quality, *, steps: int, cpu_minutes: float, seed: int
) -> None:
    """What the weights were made of and how good they are, beside them."""
    weights = network.VoiceCounter().parameters()
    card = {
        "what": "number of voices (0 to 3) in each 20 ms of a recording",
        "parameters": sum(weight.numel() for weight in weights),
        "steps": steps,
        "cpu_minutes": cpu_minutes,
        "seed": seed,
        "dev_frames": {key: round(value, 3) for key, value in vars(quality).items()},
        "trained_on": "LibriSpeech train-clean-100 (CC BY 4.0), speechocean762 (free "
        "for commercial and non-commercial use), CMU ARCTIC (permissive, notice "
        "required); noise ESC-10 and two backgrounds (CC BY, CC0); rooms IoSR Surrey "
        "(MIT), a seminar room (CC0) and simulated ones",
        "command": "manage.py train_voice_counter --speech ../shared/speech",
    }
    out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")


def fit(
    material: Material,
    rng: Generator,
    seconds: float,
    out: Path,
    say: Callable[[str], None],
) -> tuple[network.VoiceCounter, int]:
    """The average of the weights over the last steps, and how many steps there were."""
    counter = network.VoiceCounter()
    averaged = deepcopy(counter)
    optimizer = torch.optim.AdamW(counter.parameters(), lr=RATE, weight_decay=1e-3)
    stream = _Stream(material, rng)
    began, steps, told = time.process_time(), 0, 0.0
    while (spent := time.process_time() - began) < seconds:
        for group in optimizer.param_groups:
            group["lr"] = RATE * (1 - spent / seconds) + 1e-5
        frames, voices = stream.batch()
        loss = cross_entropy(counter(frames).flatten(0, 1), voices.flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        steps += 1
        _average(averaged, counter, min(AVERAGED, steps / (steps + 10)))
        if spent - told > 30:
            told = spent
            network.export(averaged, out)
            say(f"{spent:.0f} s, {steps} steps, loss {loss.item():.3f}")
    return averaged, steps


class _Stream:
    """Fresh scenes and those of late: making one costs more than another look."""

    def __init__(self, material: Material, rng: Generator) -> None:
        self.material, self.rng = material, rng
        self.kept: list[tuple[np.ndarray, np.ndarray]] = []

    def batch(self) -> tuple[Tensor, Tensor]:
        for _ in range(FRESH if len(self.kept) >= BATCH else 2 * BATCH):
            scene = scenes.scene(self.material, self.rng)
            made = mel.log_mel(scene.samples).astype(np.float16), scene.voices
            if len(self.kept) < KEPT:
                self.kept.append(made)
            else:
                self.kept[self.rng.integers(KEPT)] = made
        drawn = self.rng.integers(len(self.kept), size=BATCH)
        frames = np.stack([self.kept[at][0] for at in drawn]).astype(np.float32)
        voices = np.stack([self.kept[at][1] for at in drawn])
        return torch.from_numpy(frames), torch.from_numpy(voices)


def _strangers(material: Material) -> list[Samples]:
    """Ten voices at one level, of speakers that are in no test."""
    step = len(material.names) // STRANGERS
    voices = [
        np.concatenate(material.speech[name])
        for name in material.names[: step * STRANGERS : step]
    ]
    return [voice / (voice.std() + 1e-9) for voice in voices]


def _average(
    averaged: network.VoiceCounter, counter: network.VoiceCounter, keep: float
) -> None:
    held = averaged.state_dict()
    for name, value in counter.state_dict().items():
        if value.is_floating_point():
            held[name].mul_(keep).add_(value, alpha=1 - keep)


def measure(weights: Path, dev: Material, *, drawn_scenes: int = 200) -> Quality:
    """How well a network, as it is served, does on scenes of other speakers."""
    rng = np.random.default_rng(1_000)
    session = voices.session(weights)
    found, true = [], []
    for _ in range(drawn_scenes):
        scene = scenes.scene(dev, rng)
        frames = mel.log_mel(scene.samples)[None]
        found.append(session.run(["shares"], {"frames": frames})[0][0].argmax(-1))
        true.append(scene.voices)
    counted, speaking = np.concatenate(found), np.concatenate(true)
    both = float(np.sum((counted >= 2) & (speaking >= 2)))
    return Quality(
        accuracy=float(np.mean(counted == speaking)),
        overlap_recall=both / max(1, int(np.sum(speaking >= 2))),
        overlap_precision=both / max(1, int(np.sum(counted >= 2))),
    )
