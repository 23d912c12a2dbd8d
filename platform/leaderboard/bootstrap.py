"""Statistics of resampled mixtures: each draw is a row of weights, one per point."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

CELLS = 2_000_000  # draws x points held in memory at once


def resample(mixtures: int, draws: int, seed: int) -> Floats:
    """How often each draw takes each mixture, (draw, mixture)."""
    if not mixtures:
        return np.ones((draws, 0))
    generator = np.random.default_rng(seed)
    each = np.full(mixtures, 1 / mixtures)
    return generator.multinomial(mixtures, each, size=draws).astype(float)


def tails(mixtures: int) -> tuple[float, float]:
    """Quantiles of a 95 % interval, widened for few mixtures as t is.

    Source: Hesterberg, "What teachers should know about the bootstrap", 2015.
    """
    widened = stats.t.ppf(0.025, mixtures - 1) * np.sqrt(mixtures / (mixtures - 1))
    tail = float(stats.norm.cdf(widened))
    return tail, 1 - tail


def parts(weights: Floats, points: int) -> Iterator[Floats]:
    rows = max(1, CELLS // max(points, 1))
    for start in range(0, len(weights), rows):
        yield weights[start : start + rows]


def pearson(weights: Floats, x: Floats, y: Floats) -> Floats:
    """Of weighted points, (draw, point) -> (draw,); NaN where one is constant."""
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = x - (weights * x).sum(axis=1, keepdims=True) / total
        y = y - (weights * y).sum(axis=1, keepdims=True) / total
        xx, yy = (weights * x * x).sum(axis=1), (weights * y * y).sum(axis=1)
        varies = (xx > 1e-12) & (yy > 1e-12)
        r = (weights * x * y).sum(axis=1) / np.sqrt(xx * yy)
    return np.where(varies, r, np.nan)


def line(weights: Floats, x: Floats, y: Floats, grid: Floats) -> Floats:
    """Least-squares lines of weighted points at `grid`, (draw, step)."""
    total = weights.sum(axis=1, keepdims=True)
    middle_x = (weights * x).sum(axis=1, keepdims=True) / total
    middle_y = (weights * y).sum(axis=1, keepdims=True) / total
    x, y = x - middle_x, y - middle_y
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (weights * x * y).sum(axis=1) / (weights * x * x).sum(axis=1)
    lines: Floats = middle_y + slope[:, None] * (grid - middle_x)
    return lines


def ranks(weights: Floats, values: Floats) -> Floats:
    """Midranks among the drawn points, a point drawn twice counting twice."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.add.reduceat(weights[:, order], starts, axis=1)
    middles = np.cumsum(sizes, axis=1) - (sizes - 1) / 2
    group = np.empty(len(values), dtype=np.intp)
    group[order] = np.searchsorted(starts, np.arange(len(values)), side="right") - 1
    return middles[:, group]
