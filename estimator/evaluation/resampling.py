"""Bootstrap over mixtures: what a figure would be, had others been recorded."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]
Clusters = NDArray[np.intp]

DRAWS = 1_000
CONFIDENCE = 0.95
AT_ONCE = 2_000_000  # weights of items held at a time


class Figure(NamedTuple):
    """A figure with its bootstrap interval; NaN where it cannot be had."""

    value: float
    low: float
    high: float


def resampled(clusters: int, rng: np.random.Generator, draws: int = DRAWS) -> Figures:
    """How often each cluster is drawn, (draw + 1, cluster); the first row is all ones.

    A mixture comes with all its estimates: they are not independent of each other.
    """
    counts = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)
    return np.vstack([np.ones(clusters), counts]).astype(np.float64)


def figure(values: Figures) -> Figure:
    """The figure of the whole, then its percentile interval over the draws.

    Args:
        values: (draw + 1,), the whole first. Draws without a value are left out.
    """
    drawn = values[1:][np.isfinite(values[1:])]
    if len(drawn) == 0:
        return Figure(float(values[0]), float("nan"), float("nan"))
    tails = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(drawn, [tails, 100 - tails])
    return Figure(float(values[0]), float(low), float(high))


def means(values: Figures, clusters: Clusters, counts: Figures) -> Figures:
    """Mean over the items of each draw, (draw,).

    Args:
        values: (item,).
        clusters: of each item, (item,).
        counts: from `resampled`, (draw, cluster).
    """
    (total, size), _ = _sums([values, np.ones_like(values)], clusters, counts)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / size)


def pearson(
    one: Figures, other: Figures, clusters: Clusters, counts: Figures
) -> Figures:
    """Pearson's r of each draw, (draw,); NaN where one side is constant."""
    one, other = one - one.mean(), other - other.mean()
    columns = [np.ones_like(one), one, other, one * one, other * other, one * other]
    (n, x, y, xx, yy, xy), whole = _sums(columns, clusters, counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread_x, spread_y = xx - x * x / n, yy - y * y / n
        scale = np.sqrt(spread_x * spread_y)
        found = (xy - x * y / n) / scale
    found[scale <= 1e-12 * np.sqrt(whole[3] * whole[4]) + 1e-300] = np.nan
    return np.clip(found, -1, 1)


def spearman(
    one: Figures, other: Figures, clusters: Clusters, counts: Figures
) -> Figures:
    """Spearman's rho of each draw, ties at their mean rank, (draw,)."""
    rank_one, rank_other = _Ranking(one), _Ranking(other)
    found = []
    step = max(1, AT_ONCE // len(one))
    for start in range(0, len(counts), step):
        weights = counts[start : start + step][:, clusters]
        x, y = rank_one.of(weights), rank_other.of(weights)
        n = weights.sum(1, keepdims=True)
        x, y = x - (n + 1) / 2, y - (n + 1) / 2  # mean rank of the drawn items
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt((weights * x * x).sum(1) * (weights * y * y).sum(1))
            found.append((weights * x * y).sum(1) / scale)
    return np.concatenate(found)


class _Ranking:
    """Ranks of values in samples that hold each of them several times or not at all."""

    def __init__(self, values: Figures) -> None:
        self.order = np.argsort(values, kind="stable")
        ordered = values[self.order]
        self.first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        self.tie = np.cumsum(np.r_[False, ordered[1:] != ordered[:-1]])

    def of(self, weights: Figures) -> Figures:
        """Mean rank of each item, (draw, item)."""
        together = np.add.reduceat(weights[:, self.order], self.first, axis=1)
        middle = np.cumsum(together, axis=1) - (together - 1) / 2
        ranks = np.empty_like(weights)
        ranks[:, self.order] = middle[:, self.tie]
        return ranks


def kendall(
    one: Figures, other: Figures, clusters: Clusters, counts: Figures
) -> Figures:
    """Kendall's tau-b of each draw, (draw,).

    Pairs are counted once between every two clusters; a draw then weighs these counts.
    That equals tau-b of the drawn sample, where copies of an item are ties.
    """
    order = np.argsort(clusters, kind="stable")
    one, other = one[order].astype(np.float32), other[order].astype(np.float32)
    present, first = np.unique(clusters[order], return_index=True)
    size = len(present)
    agree, apart_one, apart_other = (np.zeros((size, size)) for _ in range(3))
    bounds = np.append(first, len(one))
    for row, (start, stop) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        x = np.sign(one[start:stop, None] - one)
        y = np.sign(other[start:stop, None] - other)
        for table, signs in ((agree, x * y), (apart_one, x * x), (apart_other, y * y)):
            table[row] = np.add.reduceat(signs.sum(0), first)
    counts = counts[:, present]

    def total(table: Figures) -> Figures:
        return np.asarray(((counts @ table) * counts).sum(1))

    with np.errstate(invalid="ignore", divide="ignore"):
        return total(agree) / np.sqrt(total(apart_one) * total(apart_other))


def _sums(
    columns: list[Figures], clusters: Clusters, counts: Figures
) -> tuple[list[Figures], list[float]]:
    """Weighted sum of each column in each draw, and its sum over all items."""
    size = counts.shape[1]
    each = [np.bincount(clusters, column, minlength=size) for column in columns]
    return [counts @ sums for sums in each], [float(s.sum()) for s in each]
