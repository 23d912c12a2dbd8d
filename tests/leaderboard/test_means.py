"""Means over mixtures against hand arithmetic."""

import pytest

from leaderboard import means


def test_a_mean_weighs_mixtures_and_not_estimates() -> None:
    found = means.over_mixtures([(1, 4.0), (1, 6.0), (2, 1.0)])
    assert found is not None
    assert found.mean == pytest.approx(3.0)  # of 5 and 1
    assert (found.mixtures, found.estimates) == (2, 3)


def test_the_interval_is_t_over_mixtures() -> None:
    found = means.over_mixtures([(1, 4.0), (2, 6.0), (3, 8.0)])
    assert found is not None and found.low is not None and found.high is not None
    half = 4.302653 * 2 / 3**0.5  # t(.975, 2) * sd / sqrt(n)
    assert (found.low, found.high) == pytest.approx((6 - half, 6 + half))


def test_blanks_are_left_out_and_nothing_gives_nothing() -> None:
    assert means.over_mixtures([(1, None)]) is None
    assert means.over_mixtures([]) is None


def test_one_mixture_gives_no_interval() -> None:
    found = means.over_mixtures([(1, 4.0), (1, 5.0), (2, None)])
    assert found == means.Mean(4.5, None, None, 1, 2)
