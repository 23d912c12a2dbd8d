"""Bradley-Terry strengths of separators that were compared in pairs, with ties."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats
from scipy.sparse import csgraph

from ratings.statistics.tables import Floats

Verdict = Literal["first", "second", "tie"]
UPPER = 0.975
PRIOR = 0.5  # votes added each way to every pair compared: no strength is infinite


@dataclass(frozen=True)
class Strength:
    """Log strength relative to the mean of all, with its 95 % interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ranking:
    """All strengths, strongest first, and how readily ties are given.

    `tie` is nu of Davidson's model: two equal separators tie in nu / (2 + nu).
    """

    strengths: list[Strength]
    tie: float
    n: int

    def win(self, first: str, second: str) -> float:
        """Probability that `first` is preferred to `second`, ties left out."""
        value = {one.name: one.value for one in self.strengths}
        return float(1 / (1 + np.exp(value[second] - value[first])))


def rank(votes: Iterable[tuple[str, str, Verdict]], *, prior: float = PRIOR) -> Ranking:
    """Maximum-likelihood strengths with ties.

    Args:
        votes: (first, second, which is better).
        prior: votes added each way; 0 for pure maximum likelihood.
    Raises:
        ValueError: if two groups of separators were never compared.
    Source: Davidson, "On extending the Bradley-Terry model to accommodate ties", 1970.
    """
    counted = list(votes)
    names = sorted({name for first, second, _ in counted for name in (first, second)})
    wins, ties = _counts(counted, names)
    compared = wins + wins.T + ties > 0
    parts, _ = csgraph.connected_components(compared, directed=False)
    if parts != 1:
        raise ValueError(
            f"the comparisons fall into {parts} groups that never met; compare a "
            "separator of each group with one of another"
        )
    wins = wins + prior * compared
    found = optimize.minimize(
        _loss, np.zeros(len(names)), args=(wins, ties), jac=True, method="BFGS"
    )
    strengths = np.append(found.x[:-1], -found.x[:-1].sum())
    sd = _deviations(found.x, wins, ties)
    half = stats.norm.ppf(UPPER) * sd
    rows = [
        Strength(name, float(value), float(value - off), float(value + off))
        for name, value, off in zip(names, strengths, half, strict=True)
    ]
    rows.sort(key=lambda row: -row.value)
    return Ranking(rows, float(np.exp(found.x[-1])), len(counted))


def _counts(
    votes: list[tuple[str, str, Verdict]], names: list[str]
) -> tuple[Floats, Floats]:
    """Wins of row over column; ties, the same both ways."""
    at = {name: place for place, name in enumerate(names)}
    wins, ties = np.zeros((2, len(names), len(names)))
    for first, second, verdict in votes:
        one, two = at[first], at[second]
        if verdict == "tie":
            ties[one, two] += 1
            ties[two, one] += 1
        elif verdict == "first":
            wins[one, two] += 1
        else:
            wins[two, one] += 1
    return wins, ties


def _loss(at: Floats, wins: Floats, ties: Floats) -> tuple[float, Floats]:
    """Negative log likelihood and gradient; the last number is the log of nu.

    The last strength is minus the sum of the others.
    """
    value = np.append(at[:-1], -at[:-1].sum())
    nu = np.exp(at[-1])
    half = (value[:, None] - value[None, :]) / 2
    total = np.exp(half) + np.exp(-half) + nu  # divided by the root of both strengths
    log_total = np.log(total)
    tied = np.triu(ties)
    loss = (wins * (log_total - half)).sum() + (tied * (log_total - at[-1])).sum()
    slope = np.sinh(half) / total  # of log_total by the first strength
    by_pair = wins * (slope - 0.5) + tied * slope
    gradient = by_pair.sum(axis=1) - by_pair.sum(axis=0)
    by_nu = ((wins + tied) * nu / total).sum() - tied.sum()
    return float(loss), np.append(gradient[:-1] - gradient[-1], by_nu)


def _deviations(at: Floats, wins: Floats, ties: Floats) -> Floats:
    """Standard deviation of each strength, from the curvature at the optimum."""
    step = 1e-4
    moves = np.eye(len(at)) * step
    curvature = np.array(
        [
            (_loss(at + move, wins, ties)[1] - _loss(at - move, wins, ties)[1])
            / (2 * step)
            for move in moves
        ]
    )
    covariance = np.linalg.pinv((curvature + curvature.T) / 2)[:-1, :-1]
    last = -np.ones(len(covariance))  # the last strength in terms of the others
    all_ = np.vstack([np.eye(len(covariance)), last])
    deviations: Floats = np.sqrt(np.diag(all_ @ covariance @ all_.T))
    return deviations
