"""Who is found, who is spared, and what unanimous items must not do."""

import numpy as np
import pytest

from ratings.statistics.screening import bt500, leave_one_out

BLANK = np.nan


def crowd(
    rng: np.random.Generator, *, honest: int, clickers: int, items: int, each: int
) -> np.ndarray:
    """Honest raters first; each scores `each` of the items."""
    truth = rng.uniform(1.3, 4.7, items)
    values = np.full((honest + clickers, items), BLANK)
    for rater in range(honest + clickers):
        heard = rng.choice(items, each, replace=False)
        score = truth[heard] + rng.normal(0, 0.4) + rng.normal(0, 0.8, each)
        if rater >= honest:
            score = rng.integers(1, 6, each).astype(float)
        values[rater, heard] = np.clip(np.round(score), 1, 5)
    return values


def test_the_correlation_leaves_the_rater_out() -> None:
    values = np.array([[1.0, 2, 3, 4, 5], [1, 3, 2, 5, 4], [2, 1, 4, 3, 5]])
    found = leave_one_out(values)[0]
    others = values[1:].mean(axis=0)
    assert found.r == pytest.approx(np.corrcoef(values[0], others)[0, 1])
    assert found.n == 5 and found.upper is not None and found.r is not None
    z = np.arctanh(found.r) + 1.644854 / np.sqrt(2)
    assert found.upper == pytest.approx(np.tanh(z), abs=1e-6)


@pytest.mark.parametrize(("each", "found_share"), [(10, 0.25), (20, 0.55), (32, 0.8)])
def test_random_clickers_are_found_and_honest_raters_spared(
    each: int, found_share: float
) -> None:
    rng = np.random.default_rng(each)
    found, blamed, rounds = 0, 0, 8
    for _ in range(rounds):
        values = crowd(rng, honest=30, clickers=5, items=60, each=each)
        unfit = [fit.is_unfit for fit in leave_one_out(values)]
        blamed += sum(unfit[:30])
        found += sum(unfit[30:])
    assert found / (5 * rounds) >= found_share
    assert blamed / (30 * rounds) <= 0.005


def test_nobody_is_judged_by_fewer_than_ten_scores() -> None:
    rng = np.random.default_rng(1)
    values = crowd(rng, honest=20, clickers=20, items=30, each=9)
    fits = leave_one_out(values)
    assert not any(fit.is_unfit or fit.is_flagged for fit in fits)


def test_a_rater_of_one_score_only_has_no_correlation() -> None:
    values = np.vstack([np.full(12, 4.0), np.tile([1.0, 5.0], 6), np.tile([2.0, 5], 6)])
    found = leave_one_out(values)[0]
    assert (found.r, found.upper, found.n) == (None, None, 12)
    assert not found.is_unfit


def test_unanimous_anchors_reject_nobody() -> None:
    rng = np.random.default_rng(3)
    values = crowd(rng, honest=24, clickers=0, items=40, each=40)
    values[:, :4] = 5.0  # sureal, which counts them on both sides, rejects 23 of 24
    found = bt500(values)
    assert sum(one.is_rejected for one in found) == 0
    assert found == bt500(values[:, 4:])


def test_bt500_finds_noise_on_both_sides_and_keeps_bias() -> None:
    rng = np.random.default_rng(4)
    values = 3 + rng.normal(0, 0.7, (24, 60))
    values[0] += rng.normal(0, 1.2, 60)
    values[1] += 1.5  # biased, not noisy: lopsided, so kept
    found = bt500(values)
    assert [rater for rater, one in enumerate(found) if one.is_rejected] == [0]
    assert found[1].outside > 0.2 and found[1].lopsided > 0.9


def test_bt500_counts_a_raters_own_scores() -> None:
    values = np.full((22, 10), 3.0)
    values[::2] += 0.1
    values[0, 1:] = BLANK
    values[0, 0] = 5.0
    assert bt500(values)[0].outside == 1.0


def test_bt500_of_unanimous_items_alone_says_nothing() -> None:
    assert bt500(np.full((3, 4), 4.0))[0].n == 0
