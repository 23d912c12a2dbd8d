"""Mean opinion scores with intervals that stay honest for few ratings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ratings.statistics import tables

LOWEST, HIGHEST = 1.0, 5.0
STEPS = 4  # between 1 and 5
UPPER = 0.975  # quantile of a two-sided 95 % interval


@dataclass(frozen=True)
class Mos:
    """A mean of n scores from 1 to 5 with 95 % intervals; blanks are None.

    `low` and `high` are the interval to show. `bounded_low` and `bounded_high`
    are Hossfeld's: never outside the scale, never of width 0.
    """

    mean: float | None
    low: float | None
    high: float | None
    bounded_low: float | None
    bounded_high: float | None
    n: int


def mos(scores: Sequence[float]) -> Mos:
    """MOS of independent scores, one per rater, with the t interval of n - 1.

    Unanimous scores show the bounded interval, and a single score shows none.

    Args:
        scores: 1 to 5 each.
    Raises:
        ValueError: if a score lies outside 1 to 5.
    Source: ITU-T P.1401, appendix III; Hossfeld et al., "Confidence interval
        estimators for MOS values", 2018.
    """
    values = _checked(np.asarray(scores, dtype=float))
    n = len(values)
    if n < 2:
        return Mos(float(values[0]) if n else None, None, None, None, None, n)
    mean = float(values.mean())
    half = float(stats.t.ppf(UPPER, n - 1) * values.std(ddof=1) / np.sqrt(n))
    return _with_intervals(mean, half, independent=n, n=n)


def system_mos(scores: Mapping[tuple[int, int], float]) -> Mos:
    """MOS of one separator over many items and raters: scores that share causes.

    The two-way interval counts the variation between raters and between items,
    so it holds for other raters and other items. With one rater or one item it
    is as wide as one degree of freedom makes it.

    Args:
        scores: by (rater, item), 1 to 5 each.
    Raises:
        ValueError: if a score lies outside 1 to 5.
    Source: Ribeiro et al., "CrowdMOS", ICASSP 2011.
    """
    table = tables.of(scores).values
    _checked(table[~np.isnan(table)])
    n = len(scores)
    if n < 2:
        return mos(list(scores.values()))
    fewest = min(table.shape)
    freedom = max(fewest - 1, 1)
    half = float(stats.t.ppf(UPPER, freedom) * np.sqrt(variance_of_mean(table)))
    mean = float(np.nanmean(table))
    return _with_intervals(mean, half, independent=fewest, n=n)


def variance_of_mean(table: NDArray[np.float64]) -> float:
    """Variance of the mean of a (rater, item) table, NaN where not rated.

    Each score is mean + rater + item + rest. Variances within raters, within
    items, and in total give the three parts. Where each rater (or item) has one
    score only, its part cannot be told from the rest and needs not be.
    """
    rated = ~np.isnan(table)
    per_rater, per_item, total = rated.sum(axis=1), rated.sum(axis=0), rated.sum()
    whole = float(np.nanvar(table))
    by_item_and_rest = _mean_variance(table[per_rater > 1], whole)
    by_rater_and_rest = _mean_variance(table.T[per_item > 1], whole)
    by_item = max(whole - by_rater_and_rest, 0.0)
    by_rater = max(whole - by_item_and_rest, 0.0)
    rest = max(by_item_and_rest + by_rater_and_rest - whole, 0.0)
    return float(
        by_rater * (per_rater**2).sum() / total**2
        + by_item * (per_item**2).sum() / total**2
        + rest / total
    )


def _mean_variance(rows: NDArray[np.float64], otherwise: float) -> float:
    return float(np.nanvar(rows, axis=1).mean()) if len(rows) else otherwise


def bounded_interval(mean: float, n: int) -> tuple[float, float]:
    """Clopper-Pearson interval of (mean - 1) / 4 as a share of 4n trials."""
    trials = STEPS * n
    hits = (mean - LOWEST) / (HIGHEST - LOWEST) * trials
    low = stats.beta.ppf(1 - UPPER, hits, trials - hits + 1) if hits > 0 else 0.0
    high = stats.beta.ppf(UPPER, hits + 1, trials - hits) if hits < trials else 1.0
    return LOWEST + STEPS * float(low), LOWEST + STEPS * float(high)


def _with_intervals(mean: float, half: float, *, independent: int, n: int) -> Mos:
    bounded_low, bounded_high = bounded_interval(mean, independent)
    if half < 1e-9:  # unanimous: no spread was seen, which is not certainty
        low, high = bounded_low, bounded_high
    else:
        low, high = max(mean - half, LOWEST), min(mean + half, HIGHEST)
    return Mos(mean, low, high, bounded_low, bounded_high, n)


def _checked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    outside = values[~((values >= LOWEST) & (values <= HIGHEST))]
    if len(outside):
        raise ValueError(
            f"a score of {outside[0]:g} was given; scores lie between 1 and 5, "
            "leave out what was not rated"
        )
    return values
