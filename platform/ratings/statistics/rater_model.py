"""Quality of items with each rater's bias and inconsistency taken out."""

from dataclasses import dataclass

import numpy as np

from ratings.statistics.tables import Floats, check_complete

ROUNDS = 1000
CLOSE = 1e-8
PRIOR_SCORES = 5  # a rater's spread is believed as if seen this often before
LEAST_BIAS_VARIANCE = 1e-4
LEAST_SPREAD = 1e-3
NORMAL = 1.959964  # 97.5 % quantile


@dataclass(frozen=True)
class Model:
    """Of each item its quality and the standard deviation of that; of each rater
    the bias in points and the spread of what bias does not explain."""

    quality: Floats
    quality_sd: Floats
    bias: Floats
    inconsistency: Floats
    rounds: int

    @property
    def half_width(self) -> Floats:
        """Of the 95 % interval of each item's quality."""
        return NORMAL * self.quality_sd


def p910(values: Floats, *, allow_blanks: bool = False) -> Model:
    """ITU-T P.910 (11/2021) annex E = P.913 12.6 exactly as written.

    For complete tables. With blanks it is not safe: a rater with one score gets a
    spread of 0 and decides alone.

    Args:
        values: (rater, item).
        allow_blanks: take NaN as not scored, to compare with published runs.
    Raises:
        ValueError: if a score is missing and blanks are not allowed.
    Source: alternating projection, Li et al., 2020.
    """
    if not allow_blanks:
        check_complete(values)
    rated = ~np.isnan(values)
    quality = np.nanmean(values, axis=0)
    bias = np.nanmean(values - quality, axis=1)
    rounds = 0
    while rounds < ROUNDS:
        rounds += 1
        before = quality
        spread = np.nanstd(values - quality - bias[:, None], axis=1)
        weight = rated / (spread**2 + CLOSE)[:, None]
        quality = np.nansum(weight * (values - bias[:, None]), axis=0) / weight.sum(0)
        bias = np.nanmean(values - quality, axis=1)
        if np.linalg.norm(before - quality) < CLOSE:
            break
    precision = (rated / np.maximum(spread, LEAST_SPREAD)[:, None] ** 2).sum(axis=0)
    shift = float(bias.mean())
    return Model(quality + shift, precision**-0.5, bias - shift, spread, rounds)


def shrunk(values: Floats) -> Model:
    """The same model, safe for raters with few scores.

    A rater's bias is pulled towards 0 and the spread towards that of all, the
    more so the fewer scores there are. Items without a score are NaN.

    Args:
        values: (rater, item), NaN where not scored; each rater scored something.
    Source: Li and Bampis, "Recover subjective quality scores from noisy
        measurements", 2017, with empirical-Bayes priors.
    """
    rated = ~np.isnan(values)
    each = rated.sum(axis=1)
    quality, bias = np.nanmean(values, axis=0), np.zeros(len(values))
    bias_variance, pooled = _starting_point(values, quality, each)
    spread = np.full(len(values), pooled)
    rounds = 0
    while rounds < ROUNDS:
        rounds += 1
        before = quality
        # Bias as a random effect: sum of rests over (scores + spread / its variance)
        off = np.nansum(values - quality, axis=1)
        bias = off / (each + spread / bias_variance)
        left = spread / (each + spread / bias_variance)  # variance of each bias
        bias_variance = max(float((bias**2 + left).mean()), LEAST_BIAS_VARIANCE)
        squares = np.nansum((values - quality - bias[:, None]) ** 2, axis=1)
        spare = max(rated.sum() - rated.any(axis=0).sum() - (each > 0).sum(), 1)
        pooled = max(float(squares.sum()) / float(spare), LEAST_SPREAD**2)
        spread = (PRIOR_SCORES * pooled + squares) / (PRIOR_SCORES + each)
        weight = rated / spread[:, None]
        quality = np.nansum(weight * (values - bias[:, None]), axis=0) / weight.sum(0)
        if np.nansum((before - quality) ** 2) < CLOSE**2:
            break
    sd = 1 / np.sqrt((rated / spread[:, None]).sum(axis=0))
    shift = float(bias.mean())
    return Model(quality + shift, sd, bias - shift, np.sqrt(spread), rounds)


def _starting_point(
    values: Floats, quality: Floats, each: np.ndarray
) -> tuple[float, float]:
    """Variances between raters and within them, from what the item means leave."""
    rest = values - quality
    means = np.nansum(rest, axis=1) / each
    within = float(np.nanmean((rest - means[:, None]) ** 2))
    between = float(np.mean(means**2)) - within * float(np.mean(1 / each))
    return max(between, LEAST_BIAS_VARIANCE), max(within, LEAST_SPREAD**2)
