"""Whether 95 % intervals hold the truth: simulated studies whose truth is known."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ratings import mos
from ratings.statistics.tables import Floats

SCORES = np.arange(1, 6)


@dataclass(frozen=True)
class Design:
    """Raters, items, scores per item, and standard deviations in points."""

    raters: int = 24
    items: int = 40
    votes: int = 8
    between_raters: float = 0.4
    between_items: float = 0.6
    rest: float = 0.7


@dataclass(frozen=True)
class Coverage:
    """Share of intervals that held the truth, of so many."""

    separator: float
    separators: int
    item: float
    item_bounded: float
    items: int


def measure(design: Design, *, studies: int, seed: int) -> Coverage:
    """Intervals of separators and of items over simulated studies.

    Scores are whole numbers from 1 to 5, so the truth is the mean of the rounded
    and clipped score over all raters (and, of a separator, over all items too).
    """
    rng = np.random.default_rng(seed)
    held = [_one_study(design, rng) for _ in range(studies)]
    by_item = np.concatenate([items for _, items in held])
    return Coverage(
        separator=float(np.mean([is_held for is_held, _ in held])),
        separators=studies,
        item=float(by_item[:, 0].mean()),
        item_bounded=float(by_item[:, 1].mean()),
        items=len(by_item),
    )


def expected_score(mean: Floats, deviation: float) -> Floats:
    """Mean of round(x) clipped to 1 to 5, x normal."""
    edges = (SCORES[1:] - 0.5 - np.asarray(mean)[..., None]) / deviation
    expected: Floats = 1 + stats.norm.sf(edges).sum(axis=-1)
    return expected


def _one_study(design: Design, rng: np.random.Generator) -> tuple[bool, Floats]:
    """Whether the separator's interval held; of each item, the t and the bounded."""
    middle = rng.uniform(1.8, 4.2)
    of_rater = rng.normal(0, design.between_raters, design.raters)
    of_item = rng.normal(0, design.between_items, design.items)
    scores: dict[tuple[int, int], float] = {}
    for item in range(design.items):
        for rater in rng.choice(design.raters, design.votes, replace=False):
            latent = middle + of_rater[rater] + of_item[item]
            score = np.clip(np.round(latent + rng.normal(0, design.rest)), 1, 5)
            scores[int(rater), item] = float(score)
    by_rater = np.hypot(design.between_raters, design.rest)
    truth = expected_score(
        np.array(middle), float(np.hypot(by_rater, design.between_items))
    )
    of_items = expected_score(middle + of_item, float(by_rater))
    system = mos.system_mos(scores)
    items = [
        _held(
            mos.mos([s for (_, at), s in scores.items() if at == item]), of_items[item]
        )
        for item in range(design.items)
    ]
    return _is_inside(system.low, float(truth), system.high), np.array(items)


def _held(found: mos.Mos, truth: float) -> tuple[bool, bool]:
    return (
        _is_inside(found.low, truth, found.high),
        _is_inside(found.bounded_low, truth, found.bounded_high),
    )


def _is_inside(low: float | None, truth: float, high: float | None) -> bool:
    return low is not None and high is not None and low <= truth <= high
