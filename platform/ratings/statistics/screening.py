"""Raters whose scores do not fit the others', with the uncertainty of saying so."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ratings.statistics.tables import Floats

FEWEST_SCORES = 10  # below, no statistics speak about one rater
FLAG_BELOW = 0.3  # a correlation worth a look
EXCLUDE_BELOW = 0.5  # even the upper bound of the correlation is below this
BOUND = 0.95  # one-sided
NORMAL_KURTOSIS = (2.0, 4.0)  # of m4 / m2^2; outside, scores are not normal
OUTSIDE_SHARE, LOPSIDED_SHARE = 0.05, 0.3  # of ITU-R BT.500


@dataclass(frozen=True)
class Fit:
    """Correlation of a rater with the mean of the others on the same items.

    `r` and `upper` are None where nothing varies or fewer than four scores meet
    others; `n` counts the scores that do.
    """

    r: float | None
    upper: float | None
    n: int

    @property
    def is_flagged(self) -> bool:
        """Worth a look, not proof: 1.4 % of honest raters at 10 scores."""
        return self.n >= FEWEST_SCORES and self.r is not None and self.r < FLAG_BELOW

    @property
    def is_unfit(self) -> bool:
        """Unlike the others beyond chance: no honest rater of a simulation was."""
        is_known = self.n >= FEWEST_SCORES and self.upper is not None
        return is_known and (self.upper or 0.0) < EXCLUDE_BELOW


@dataclass(frozen=True)
class Bt500:
    """Shares of a rater's own scores outside the limits of ITU-R BT.500."""

    outside: float
    lopsided: float
    n: int

    @property
    def is_rejected(self) -> bool:
        """Often outside, and on both sides: not bias but noise."""
        return self.outside > OUTSIDE_SHARE and self.lopsided < LOPSIDED_SHARE


def leave_one_out(values: Floats) -> list[Fit]:
    """Of each rater the correlation with the others, who do not include the rater.

    Args:
        values: (rater, item), NaN where not scored.
    Source: Fisher's z for the bound, of standard error 1 / sqrt(n - 3).
    """
    rated = ~np.isnan(values)
    total, count = np.nansum(values, axis=0), rated.sum(axis=0)
    fits = []
    for own, has in zip(values, rated, strict=True):
        shared = has & (count > 1)
        others = (total[shared] - own[shared]) / (count[shared] - 1)
        fits.append(_fit(own[shared], others))
    return fits


def _fit(own: Floats, others: Floats) -> Fit:
    n = len(own)
    if n < 4 or np.ptp(own) == 0 or np.ptp(others) == 0:
        return Fit(None, None, n)
    r = float(np.corrcoef(own, others)[0, 1])
    z = np.arctanh(np.clip(r, -0.999999, 0.999999))
    upper = np.tanh(z + stats.norm.ppf(BOUND) / np.sqrt(n - 3))
    return Fit(r, float(upper), n)


def bt500(values: Floats) -> list[Bt500]:
    """ITU-R BT.500 screening of each rater, repaired for crowds.

    Unanimous items are skipped (they would count every score as outside on both
    sides), and shares are of the rater's own scores, not of all items. With fewer
    than 21 scores an item of heavy tails can never be outside. Worth a look, never
    proof: of 24 honest raters with 40 scores each, 0 to 3 were rejected.

    Args:
        values: (rater, item), NaN where not scored.
    """
    rated = ~np.isnan(values)
    used = rated.sum(axis=0) > 1
    used[used] = np.nanstd(values[:, used], axis=0) > 0
    values, rated = values[:, used], rated[:, used]
    if not used.any():
        return [Bt500(0.0, 0.0, 0) for _ in values]
    centered = values - np.nanmean(values, axis=0)
    second = np.nanmean(centered**2, axis=0)
    kurtosis = np.nanmean(centered**4, axis=0) / second**2
    lowest, highest = NORMAL_KURTOSIS
    is_normal = (kurtosis >= lowest) & (kurtosis <= highest)
    limit = np.where(is_normal, 2, np.sqrt(20)) * np.sqrt(second)
    above = np.where(rated, centered >= limit, False).sum(axis=1)
    below = np.where(rated, centered <= -limit, False).sum(axis=1)
    return [
        _shares(int(high), int(low), int(n))
        for high, low, n in zip(above, below, rated.sum(axis=1), strict=True)
    ]


def _shares(above: int, below: int, n: int) -> Bt500:
    outside = above + below
    return Bt500(
        outside / n if n else 0.0, abs(above - below) / outside if outside else 0.0, n
    )
