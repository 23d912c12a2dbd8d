"""How far raters agree: Krippendorff's alpha and intraclass correlations."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ratings.statistics.tables import Floats, check_complete

Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Icc:
    """Intraclass correlations of a complete table (Shrout and Fleiss, 1979).

    `one_way`, `absolute` and `consistency` are of a single score; those with
    `_mean` are of the mean over all raters.
    """

    one_way: float
    absolute: float
    consistency: float
    one_way_mean: float
    absolute_mean: float
    consistency_mean: float


@dataclass(frozen=True)
class Reliability:
    """Of one score, and of an item's mean over `scores_per_item` scores."""

    one_score: float
    item_mean: float
    scores_per_item: float


def alpha(values: Floats, level: Level = "ordinal") -> float | None:
    """Krippendorff's alpha; None where nothing can be compared or nothing varies.

    1 is full agreement, 0 what chance gives. Blanks are allowed.

    Args:
        values: (rater, item), NaN where not scored.
    Source: Krippendorff, "Content Analysis", ch. 11; formulas as in the reference
        implementation of S. Castro. Written here because that one is GPL.
    """
    codes = np.unique(values[~np.isnan(values)])
    counts = (values[:, :, None] == codes).sum(axis=0).astype(float)  # (item, code)
    pairable = counts[counts.sum(axis=1) > 1]
    if len(codes) < 2 or not len(pairable):
        return None
    others = pairable[:, None, :] - np.eye(len(codes))
    each = pairable.sum(axis=1)[:, None, None] - 1
    observed = (pairable[:, :, None] * others / each).sum(axis=0)
    margin = observed.sum(axis=1)
    expected = (np.outer(margin, margin) - np.diag(margin)) / (margin.sum() - 1)
    distance = _distance(codes, margin, level)
    disagreement = float((expected * distance).sum())
    if disagreement == 0:
        return None
    return 1 - float((observed * distance).sum()) / disagreement


def _distance(codes: Floats, margin: Floats, level: Level) -> Floats:
    """Squared difference of two codes on the scale."""
    if level == "nominal":
        return 1 - np.eye(len(codes))
    # Ranks: a code's middle place; their difference is what lies between two codes.
    at = codes if level == "interval" else np.cumsum(margin) - margin / 2
    squared: Floats = np.subtract.outer(at, at) ** 2
    return squared


def icc(values: Floats) -> Icc:
    """Intraclass correlations of items over raters.

    Args:
        values: (rater, item), without blanks; at least two of each.
    Raises:
        ValueError: if a score is missing.
    """
    check_complete(values)
    raters, items = values.shape
    mean = values.mean()
    of_item, of_rater = values.mean(axis=0), values.mean(axis=1)
    between = raters * ((of_item - mean) ** 2).sum() / (items - 1)
    within = ((values - of_item) ** 2).sum() / (items * (raters - 1))
    of_raters = items * ((of_rater - mean) ** 2).sum() / (raters - 1)
    rest = ((values - of_item - of_rater[:, None] + mean) ** 2).sum()
    error = rest / ((items - 1) * (raters - 1))
    k = raters
    shift = (of_raters - error) / items
    return Icc(
        one_way=float((between - within) / (between + (k - 1) * within)),
        absolute=float((between - error) / (between + (k - 1) * error + k * shift)),
        consistency=float((between - error) / (between + (k - 1) * error)),
        one_way_mean=float((between - within) / between),
        absolute_mean=float((between - error) / (between + shift)),
        consistency_mean=float((between - error) / between),
    )


def reliability(values: Floats) -> Reliability | None:
    """One-way ICC of an incomplete table; None where it cannot be told.

    The square root of `item_mean` is the highest correlation that anything can
    have with these means (the noise ceiling).

    Args:
        values: (rater, item), NaN where not scored.
    Source: ANOVA with unequal groups, n0 = (N - sum n_j^2 / N) / (a - 1).
    """
    each = (~np.isnan(values)).sum(axis=0)
    values, each = values[:, each > 0], each[each > 0]
    total, items = int(each.sum()), len(each)
    if items < 2 or total <= items:
        return None
    means = np.nanmean(values, axis=0)
    within = float(np.nansum((values - means) ** 2)) / (total - items)
    spread = each * (means - np.nanmean(values)) ** 2
    between = float(spread.sum()) / (items - 1)
    n0 = (total - float((each**2).sum()) / total) / (items - 1)
    if between == 0:
        return None
    one = (between - within) / (between + (n0 - 1) * within)
    return Reliability(float(one), 1 - within / between, float(n0))
