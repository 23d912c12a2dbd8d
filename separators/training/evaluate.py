"""How well separators separate speakers they never heard, with intervals."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from separators import registry
from separators.training.mixing import Mixer, MixingPlan
from separators.training.pairing import improvement
from separators.training.speech import load_clips, load_speech

SEED = 2  # the development mixtures of a training are drawn with another
SECONDS = 4.0
BATCH = 10

Figures = NDArray[np.float64]
OnMixtures = Callable[[str, int], None]


@dataclass(frozen=True)
class Conditions:
    """What to draw the mixtures from; without noise and rooms they are clean."""

    speech: Path
    noise: Path | None = None
    rooms: Path | None = None
    mixtures: int = 300


@dataclass(frozen=True)
class Mean:
    """A mean over mixtures with its 95 % interval, in dB."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:6.2f} ({self.low:.2f} to {self.high:.2f})"


def evaluate(
    names: Sequence[str],
    conditions: Conditions,
    *,
    device: str = "cpu",
    on_mixtures: OnMixtures = lambda _, __: None,
) -> dict[str, Any]:
    """Measure SI-SNR improvement on the same mixtures, where rate and sources agree.

    Intervals take the mixtures as independent, the speakers as given. A later stage
    of a training is compared with the stage before it, mixture by mixture.

    Returns:
        One row for each separator, ready for JSON.
    """
    each: dict[str, Figures] = {}

    @cache
    def drawn(rate: int, sources: int) -> tuple[Tensor, Tensor]:
        return draw(conditions, sample_rate=rate, sources=sources)

    rows = []
    for name in names:
        about = registry.info(name)
        mixtures, references = drawn(about.sample_rate, about.sources)
        separator = registry.load(name, device)
        gains = []
        for start in range(0, len(mixtures), BATCH):
            part = slice(start, start + BATCH)
            estimates = separator.separate(mixtures[part])
            gains.append(improvement(mixtures[part], estimates, references[part]))
            on_mixtures(name, len(estimates))
        each[name] = torch.cat(gains).double().mean(dim=1).numpy()
        rows.append(_row(name, each))
    return {
        "conditions": {key: str(value) for key, value in asdict(conditions).items()},
        "seconds": SECONDS,
        "machine": f"{device}, {platform.machine()}, {os.cpu_count()} cores",
        "separators": rows,
    }


def draw(
    conditions: Conditions, *, sample_rate: int, sources: int
) -> tuple[Tensor, Tensor]:
    """Return mixtures (mixture, time) and references (mixture, source, time)."""
    plan = MixingPlan(
        seconds=SECONDS,
        sources=sources,
        noise_chance=1.0 if conditions.noise else 0.0,
        room_chance=1.0 if conditions.rooms else 0.0,
    )
    mixer = Mixer(
        load_speech(conditions.speech, sample_rate),
        plan=plan,
        seed=SEED,
        noises=load_clips(conditions.noise, sample_rate, split="dev")
        if conditions.noise
        else (),
        rooms=load_clips(conditions.rooms, sample_rate) if conditions.rooms else (),
    )
    return mixer.batch(conditions.mixtures)


def mean_with_interval(figures: Figures) -> Mean:
    """Return the mean and Student's 95 % interval of independent figures.

    Raises:
        ValueError: with fewer than two figures.
    """
    if len(figures) < 2:
        raise ValueError(
            f"{len(figures)} mixtures give no interval; expected at least 2. "
            "Ask for more with --mixtures."
        )
    half = stats.t.ppf(0.975, len(figures) - 1) * stats.sem(figures)
    mean = float(figures.mean())
    return Mean(mean, mean - float(half), mean + float(half))


def table(report: dict[str, Any]) -> str:
    """Return the rows as text, one line each."""
    lines = [f"{'separator':24} {'sources':>7}  SI-SNRi in dB (95 % interval)"]
    for row in report["separators"]:
        line = f"{row['name']:24} {row['sources']:7}  {Mean(**row['si_snri_db'])}"
        if row["gained_db"]:
            line += f"   over the stage before {Mean(**row['gained_db'])}"
        lines.append(line)
    return "\n".join(lines)


def _row(name: str, each: dict[str, Figures]) -> dict[str, Any]:
    about = registry.info(name)
    before = stage_before(name)
    gained = each[name] - each[before] if before in each else None
    training = registry.card(name).get("training", {})
    return {
        "name": name,
        "revision": about.revision,
        "architecture": about.architecture,
        "parameters": about.parameters,
        "sources": about.sources,
        "sample_rate": about.sample_rate,
        "stage": registry.card(name).get("stage", ""),
        "training_minutes": training.get("minutes"),
        "mixtures": len(each[name]),
        "si_snri_db": asdict(mean_with_interval(each[name])),
        "share_improved": round(float((each[name] > 0).mean()), 3),
        "gained_db": None if gained is None else asdict(mean_with_interval(gained)),
    }


def stage_before(name: str) -> str | None:
    """Return the name of the stage of the same training that came before, if any."""
    if name.endswith("-early"):
        return None
    if name.endswith("-middle"):
        return name.removesuffix("-middle") + "-early"
    middle = f"{name}-middle"
    return middle if middle in registry.names() else None
