"""Means over mixtures: the mixture is what was sampled, so it is the unit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Mean:
    """A mean of mixtures' means with its 95 % t interval; one mixture gives none."""

    mean: float
    low: float | None
    high: float | None
    mixtures: int
    estimates: int


def over_mixtures(values: Iterable[tuple[int, float | None]]) -> Mean | None:
    """Of (mixture, value) pairs; blanks are left out, None if nothing remains."""
    of_mixture: dict[int, list[float]] = defaultdict(list)
    for mixture, value in values:
        if value is not None:
            of_mixture[mixture].append(value)
    if not of_mixture:
        return None
    means = np.array([np.mean(some) for some in of_mixture.values()])
    n, middle = len(means), float(means.mean())
    estimates = sum(map(len, of_mixture.values()))
    if n < 2:
        return Mean(middle, None, None, n, estimates)
    half = float(stats.t.ppf(0.975, n - 1) * means.std(ddof=1) / np.sqrt(n))
    return Mean(middle, middle - half, middle + half, n, estimates)
