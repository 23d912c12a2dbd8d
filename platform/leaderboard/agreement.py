"""How far predicted SI-SNR and listeners agree, with intervals over mixtures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from leaderboard import bootstrap
from leaderboard.bootstrap import Floats

Correlate = Callable[[Floats], Floats]  # weights (draw, mixture) -> (draw,)

DRAWS = 1000
FEWEST_POINTS = 3
FEWEST_MIXTURES = 5  # below, a bootstrap over mixtures says nothing
FEWEST_SEPARATORS = 5  # r = .9 of five separators already spans .09 to .99
UNDEFINED_SHARE = 0.05  # of draws without a correlation: then no interval


@dataclass(frozen=True)
class Points:
    """One row per rated estimate; mixtures and separators are numbered from 0."""

    predicted: Floats
    mos: Floats
    mixture: NDArray[np.intp]
    separator: NDArray[np.intp]

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, object, object]]) -> "Points":
        """From (predicted SI-SNR, MOS, mixture, separator) of each estimate."""
        mixtures = {row[2]: None for row in rows}
        separators = {row[3]: None for row in rows}
        number_of_mixture = {name: at for at, name in enumerate(mixtures)}
        number_of_separator = {name: at for at, name in enumerate(separators)}
        return cls(
            np.array([row[0] for row in rows], dtype=float),
            np.array([row[1] for row in rows], dtype=float),
            np.array([number_of_mixture[row[2]] for row in rows], dtype=np.intp),
            np.array([number_of_separator[row[3]] for row in rows], dtype=np.intp),
        )

    @property
    def mixtures(self) -> int:
        return int(self.mixture.max()) + 1 if len(self.mixture) else 0

    @property
    def separators(self) -> int:
        return int(self.separator.max()) + 1 if len(self.separator) else 0


@dataclass(frozen=True)
class Correlation:
    """A correlation with its 95 % interval; a blank one says why in `reason`."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Level:
    """Pearson and Spearman at one level, over n points of so many mixtures."""

    pearson: Correlation
    spearman: Correlation
    n: int
    mixtures: int


@dataclass(frozen=True)
class Agreement:
    """The three levels; quote none alone, they answer different questions."""

    utterance: Level
    within_mixture: Level
    system: Level
    draws: int
    seed: int


@dataclass(frozen=True)
class Line:
    """Least-squares line of MOS on predicted SI-SNR with its 95 % band."""

    x: list[float]
    y: list[float]
    low: list[float]
    high: list[float]


def measure(points: Points, *, seed: int, draws: int = DRAWS) -> Agreement:
    """Agreement per estimate, within mixtures, and of separators' means.

    Whole mixtures are resampled with all their separators, because estimates of
    one mixture are not independent. Intervals hold for these separators on other
    mixtures, and say nothing about other separators.
    """
    weights = bootstrap.resample(points.mixtures, draws, seed)
    return Agreement(
        _utterance(points, weights),
        _within_mixture(points, draws, seed),
        _system(points, weights),
        draws=draws,
        seed=seed,
    )


def reasons(found: Agreement) -> list[str]:
    """Why some numbers or intervals are missing, each reason once."""
    levels = (found.utterance, found.within_mixture, found.system)
    told = {c.reason: None for level in levels for c in (level.pearson, level.spearman)}
    return [reason for reason in told if reason]


def fit_line(
    points: Points, *, seed: int, draws: int = DRAWS, steps: int = 25
) -> Line | None:
    """The line through all points; None where no interval could be given."""
    x, y = points.predicted, points.mos
    if points.mixtures < FEWEST_MIXTURES or _why_blank(x, y):
        return None
    grid = np.linspace(x.min(), x.max(), steps)
    middle = bootstrap.line(np.ones((1, len(x))), x, y, grid)[0]
    weights = bootstrap.resample(points.mixtures, draws, seed)[:, points.mixture]
    lines = np.concatenate(
        [bootstrap.line(part, x, y, grid) for part in bootstrap.parts(weights, len(x))]
    )
    low, high = np.nanquantile(lines, bootstrap.tails(points.mixtures), axis=0)
    return Line(grid.tolist(), middle.tolist(), low.tolist(), high.tolist())


def _utterance(points: Points, weights: Floats) -> Level:
    at, x, y = points.mixture, points.predicted, points.mos

    def pearson(weights: Floats) -> Floats:
        return bootstrap.pearson(weights[:, at], x, y)

    def spearman(weights: Floats) -> Floats:
        each = weights[:, at]
        ranks = (bootstrap.ranks(each, values) for values in (x, y))
        return bootstrap.pearson(each, *ranks)

    return Level(
        _correlation(pearson, weights, x, y),
        _correlation(spearman, weights, x, y),
        n=len(x),
        mixtures=points.mixtures,
    )


def _within_mixture(points: Points, draws: int, seed: int) -> Level:
    """Deviations from the mixture's mean, and ranks inside the mixture."""
    kept = np.bincount(points.mixture)[points.mixture] > 1
    mixtures, at = np.unique(points.mixture[kept], return_inverse=True)
    x, y = points.predicted[kept], points.mos[kept]
    weights = bootstrap.resample(len(mixtures), draws, seed)

    def of(x: Floats, y: Floats) -> Correlation:
        x, y = _centered(x, at), _centered(y, at)
        return _correlation(lambda w: bootstrap.pearson(w[:, at], x, y), weights, x, y)

    return Level(
        of(x, y),
        of(_ranks_inside(x, at), _ranks_inside(y, at)),
        n=int(kept.sum()),
        mixtures=len(mixtures),
    )


def _system(points: Points, weights: Floats) -> Level:
    n = points.separators
    if n < FEWEST_SEPARATORS:
        blank = Correlation(
            None,
            reason=f"There are rated estimates of {n} separators; a correlation of "
            f"their means needs at least {FEWEST_SEPARATORS}.",
        )
        return Level(blank, blank, n=n, mixtures=points.mixtures)

    def means(weights: Floats) -> tuple[Floats, Floats]:
        return (
            _means(weights, points, points.predicted),
            _means(weights, points, points.mos),
        )

    def pearson(weights: Floats) -> Floats:
        x, y = means(weights)
        return bootstrap.pearson(np.ones_like(x), x, y)

    def spearman(weights: Floats) -> Floats:
        x, y = (stats.rankdata(values, axis=1) for values in means(weights))
        return bootstrap.pearson(np.ones_like(x), x, y)

    x, y = (values[0] for values in means(np.ones((1, points.mixtures))))
    return Level(
        _correlation(pearson, weights, x, y),
        _correlation(spearman, weights, x, y),
        n=n,
        mixtures=points.mixtures,
    )


def _correlation(
    correlate: Correlate, weights: Floats, x: Floats, y: Floats
) -> Correlation:
    if reason := _why_blank(x, y):
        return Correlation(None, reason=reason)
    mixtures = weights.shape[1]
    value = float(correlate(np.ones((1, mixtures)))[0])
    if mixtures < FEWEST_MIXTURES:
        return Correlation(
            value,
            reason=f"There are {mixtures} mixtures; an interval needs at least "
            f"{FEWEST_MIXTURES}.",
        )
    parts = bootstrap.parts(weights, len(x))
    drawn = np.concatenate([correlate(part) for part in parts])
    if np.isnan(drawn).mean() > UNDEFINED_SHARE:
        return Correlation(
            value,
            reason="Too few mixtures differ for an interval; more ratings are needed.",
        )
    low, high = np.nanquantile(drawn, bootstrap.tails(mixtures))
    return Correlation(value, float(low), float(high))


def _why_blank(x: Floats, y: Floats) -> str:
    if len(x) < FEWEST_POINTS:
        return f"There are {len(x)} points; a correlation needs {FEWEST_POINTS}."
    for name, values in (("predictions", x), ("ratings", y)):
        if np.ptp(values) < 1e-9:
            return f"All {name} are equal; a correlation needs some that differ."
    return ""


def _ranks_inside(values: Floats, mixture: NDArray[np.intp]) -> Floats:
    ranks = np.zeros(len(values))
    for at in np.unique(mixture):
        ranks[mixture == at] = stats.rankdata(values[mixture == at])
    return ranks


def _centered(values: Floats, mixture: NDArray[np.intp]) -> Floats:
    sizes = np.maximum(np.bincount(mixture), 1)
    return values - (np.bincount(mixture, weights=values) / sizes)[mixture]


def _means(weights: Floats, points: Points, values: Floats) -> Floats:
    """Each separator's mean, (draw, separator); NaN if a draw missed it."""
    shape = (points.mixtures, points.separators)
    sums, counts = np.zeros(shape), np.zeros(shape)
    np.add.at(sums, (points.mixture, points.separator), values)
    np.add.at(counts, (points.mixture, points.separator), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = (weights @ sums) / (weights @ counts)
    return means
