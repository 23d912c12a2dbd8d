"""How fast separators run on this machine, and how well on mixtures of known truth."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from separators import registry
from separators.contract import Separator
from separators.training.pairing import improvement
from separators.training.speech import load_speech
from separators.training.train import development_mixtures

REPEATS = 3
DURATIONS_S = (4.0, 10.0)


def benchmark(
    names: Sequence[str],
    *,
    device: str = "cpu",
    speech: Path | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Return speed, and SI-SNR improvement if speech is given, of each separator."""
    rows = []
    for name in names:
        started = clock()
        separator = registry.load(name, device)
        row: dict[str, Any] = {
            "name": name,
            "parameters": registry.info(name).parameters,
            "revision": registry.info(name).revision,
            "load_s": round(clock() - started, 3),
            "speed": [_speed(separator, s, clock) for s in DURATIONS_S],
        }
        if speech is not None:
            row["si_snri_db"] = round(_quality(separator, speech), 2)
        rows.append(row)
    return {"machine": _machine(device), "separators": rows}


def _speed(
    separator: Separator, seconds: float, clock: Callable[[], float]
) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    samples = round(seconds * separator.sample_rate)
    mixture = 0.1 * torch.randn(1, samples, generator=generator)
    separator.separate(mixture)  # the first call pays for what is set up once
    times = []
    for _ in range(REPEATS):
        started = clock()
        separator.separate(mixture)
        times.append(clock() - started)
    median = statistics.median(times)
    return {
        "mixture_s": seconds,
        "median_s": round(median, 4),
        "real_time_factor": round(median / seconds, 4),
    }


def _quality(separator: Separator, speech: Path) -> float:
    mixtures, references = development_mixtures(
        load_speech(speech, separator.sample_rate)
    )
    gains = [
        improvement(mixture[None], separator.separate(mixture[None]), truth[None])
        for mixture, truth in zip(mixtures, references, strict=True)
    ]
    return torch.cat(gains).mean().item()


def _machine(device: str) -> dict[str, Any]:
    return {
        "device": device,
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
