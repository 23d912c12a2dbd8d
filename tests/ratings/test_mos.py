"""MOS and its intervals against hand arithmetic, published values and simulation."""

import numpy as np
import pytest

from ratings.mos import Mos, mos, system_mos, variance_of_mean

BLANK = np.nan
CROWD = np.array(  # raters x items, from the tests of stefantaubert/mean-opinion-score
    [
        [5, 4, 1, 2, BLANK, 5, 1, 3, 4, 4, BLANK, 1],
        [4, 5, 2, 1, 4, BLANK, 2, 2, 4, 5, 3, BLANK],
        [5, 5, 1, 1, 5, BLANK, 1, 3, 5, 5, 2, BLANK],
        [5, BLANK, 1, 2, 4, BLANK, 1, BLANK, 4, 4, 2, BLANK],
        [BLANK, 4, BLANK, BLANK, BLANK, BLANK, BLANK, 2, *[BLANK] * 4],
    ]
)


def by_pair(table: np.ndarray) -> dict[tuple[int, int], float]:
    rated = np.argwhere(~np.isnan(table))
    return {(int(r), int(i)): float(table[r, i]) for r, i in rated}


def test_five_scores_give_the_t_interval() -> None:
    found = mos([4, 5, 3, 4, 4])
    assert (found.mean, found.n) == (4.0, 5)
    assert found.low == pytest.approx(4 - 0.87799, abs=1e-5)
    assert found.high == pytest.approx(4 + 0.87799, abs=1e-5)


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [
        ([4, 5, 3, 4, 4], 3.0358, 4.6537),
        ([5] * 5, 4.3263, 5.0),
        ([4] * 5, 3.0358, 4.6537),
        ([1] * 3, 1.0, 2.0586),
    ],
)
def test_the_bounded_interval_is_clopper_pearson(
    scores: list[float], low: float, high: float
) -> None:
    found = mos(scores)
    assert found.bounded_low == pytest.approx(low, abs=1e-4)
    assert found.bounded_high == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize("score", [1, 3, 5])
def test_unanimous_scores_show_the_bounded_interval(score: int) -> None:
    found = mos([score] * 4)
    assert (found.low, found.high) == (found.bounded_low, found.bounded_high)
    assert found.low is not None and found.high is not None
    assert found.high - found.low > 0.5


def test_the_interval_shown_stays_on_the_scale() -> None:
    found = mos([5, 5, 4])
    assert found.high == 5.0


def test_one_score_has_a_mean_and_no_interval() -> None:
    assert mos([4]) == Mos(4.0, None, None, None, None, 1)
    assert system_mos({(1, 1): 4}) == Mos(4.0, None, None, None, None, 1)


def test_no_score_is_a_blank() -> None:
    assert mos([]) == system_mos({}) == Mos(None, None, None, None, None, 0)


def test_a_score_outside_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="a score of 6 was given; scores lie between"):
        mos([5, 6])
    with pytest.raises(ValueError, match="a score of 0 was given"):
        system_mos({(1, 1): 0, (1, 2): 3})


def test_two_way_variance_equals_the_published_value() -> None:
    assert variance_of_mean(CROWD) == pytest.approx(0.2523001, abs=1e-6)


def test_two_way_variance_by_hand() -> None:
    # all parts: within rows .25, within columns .25, in total .25, so only rest = .25
    assert variance_of_mean(np.array([[5.0, 4.0], [4.0, 5.0]])) == 0.25 / 4
    # raters differ, items do not: .25 * (2 * 2^2) / 4^2
    assert variance_of_mean(np.array([[5.0, 5.0], [4.0, 4.0]])) == 0.25 / 2
    assert variance_of_mean(np.array([[5.0, 4.0]])) == 0.25 / 2


def test_system_mos_is_wider_than_pooled_scores_when_items_differ() -> None:
    pooled, two_way = mos(list(by_pair(CROWD).values())), system_mos(by_pair(CROWD))
    assert two_way.mean == pytest.approx(pooled.mean)
    assert two_way.low is not None and pooled.low is not None
    assert two_way.low < pooled.low - 0.5


def test_unanimous_system_has_no_interval_of_width_0() -> None:
    found = system_mos({(r, i): 5.0 for r in range(3) for i in range(8)})
    assert (found.low, found.high) == (found.bounded_low, 5.0)
    assert found.low == pytest.approx(mos([5] * 3).low)


def test_two_way_interval_covers_the_truth_where_the_pooled_one_does_not() -> None:
    rng = np.random.default_rng(7)
    covered = {"two-way": 0, "pooled": 0}
    for _ in range(200):
        table = _simulated(rng, raters=20, items=20, each=8)
        for name, found in (
            ("two-way", system_mos(by_pair(table))),
            ("pooled", mos(list(by_pair(table).values()))),
        ):
            assert found.low is not None and found.high is not None
            covered[name] += found.low <= 3.0 <= found.high
    assert covered["two-way"] / 200 >= 0.93
    assert covered["pooled"] / 200 <= 0.80


def _simulated(
    rng: np.random.Generator, *, raters: int, items: int, each: int
) -> np.ndarray:
    """Truth 3.0; every item is rated by `each` of the raters."""
    table = np.full((raters, items), BLANK)
    of_rater, of_item = rng.normal(0, 0.4, raters), rng.normal(0, 0.5, items)
    for item in range(items):
        for rater in rng.choice(raters, each, replace=False):
            rest = rng.normal(0, 0.4)
            table[rater, item] = 3.0 + of_rater[rater] + of_item[item] + rest
    return table.clip(1, 5)
