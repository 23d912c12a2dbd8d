"""What a prediction costs: milliseconds by length and batch."""

import time
from collections.abc import Callable
from typing import Any

import torch

from estimator.features import SAMPLE_RATE
from estimator.prediction import Estimator

CASES = ((5.0, 1), (5.0, 8), (20.0, 1))  # seconds, batch
REPEATS = 5


def benchmark(
    estimator: Estimator, clock: Callable[[], float] = time.perf_counter
) -> dict[str, Any]:
    """Median time of `predict` on noise with two estimates per mixture."""
    return {
        "estimator": estimator.name,
        "revision": estimator.revision,
        "parameters": estimator.parameters,
        "threads": torch.get_num_threads(),
        "cases": [_case(estimator, clock, *case) for case in CASES],
    }


def _case(
    estimator: Estimator, clock: Callable[[], float], seconds: float, batch: int
) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    samples = int(seconds * SAMPLE_RATE)
    estimates = torch.randn(batch, 2, samples, generator=generator)
    mixtures = estimates.sum(1)
    estimator.predict(mixtures, estimates, SAMPLE_RATE)  # the first call is slower
    spent = []
    for _ in range(REPEATS):
        start = clock()
        estimator.predict(mixtures, estimates, SAMPLE_RATE)
        spent.append(clock() - start)
    return {
        "seconds": seconds,
        "batch": batch,
        "ms": 1000 * sorted(spent)[REPEATS // 2],
    }
