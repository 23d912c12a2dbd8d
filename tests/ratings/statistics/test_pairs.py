"""Strengths from comparisons against closed forms, simulation and reasons to refuse."""

import numpy as np
import pytest

from ratings.statistics.pairs import Verdict, rank


def votes(
    first: str, second: str, *, wins: int, losses: int, ties: int = 0
) -> list[tuple[str, str, Verdict]]:
    cast: list[tuple[str, str, Verdict]] = [(first, second, "first")] * wins
    return cast + [(first, second, "second")] * losses + [(first, second, "tie")] * ties


def test_two_separators_have_a_closed_form() -> None:
    found = rank(votes("a", "b", wins=12, losses=4, ties=6), prior=0)
    best, worst = found.strengths
    assert (best.name, worst.name) == ("a", "b")
    assert best.value - worst.value == pytest.approx(np.log(12 / 4), abs=1e-4)
    assert found.tie == pytest.approx(6 / np.sqrt(12 * 4), abs=1e-3)
    assert found.win("a", "b") == pytest.approx(0.75, abs=1e-4)
    half = (best.high - best.low) / 2  # of half the log ratio
    assert half == pytest.approx(1.959964 * np.sqrt(1 / 12 + 1 / 4) / 2, rel=1e-3)


def test_who_wins_always_has_a_finite_strength() -> None:
    found = rank(votes("a", "b", wins=10, losses=0))
    best = found.strengths[0]
    assert best.name == "a" and best.value * 2 == pytest.approx(np.log(21), abs=1e-3)
    assert best.low < best.value < best.high < 10


def test_order_of_the_pair_does_not_matter() -> None:
    one = rank(votes("a", "b", wins=7, losses=3, ties=2))
    other = rank(votes("b", "a", wins=3, losses=7, ties=2))
    assert one.win("a", "b") == pytest.approx(other.win("a", "b"), abs=1e-5)


def test_strengths_are_recovered_from_an_incomplete_design() -> None:
    rng, truth = np.random.default_rng(8), {"a": 1.0, "b": 0.3, "c": -0.2, "d": -1.1}
    cast = []
    for first, second in [("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]:
        for _ in range(1500):
            gap = (truth[first] - truth[second]) / 2
            odds = np.array([np.exp(gap), np.exp(-gap), 0.6])
            verdict = rng.choice(["first", "second", "tie"], p=odds / odds.sum())
            cast.append((first, second, verdict))
    found = rank(cast)
    assert [one.name for one in found.strengths] == list("abcd")
    assert found.tie == pytest.approx(0.6, abs=0.08)
    for one in found.strengths:
        assert one.low < truth[one.name] < one.high, one.name


def test_groups_that_never_met_are_not_ranked() -> None:
    apart = votes("a", "b", wins=2, losses=1) + votes("c", "d", wins=1, losses=2)
    with pytest.raises(ValueError, match="2 groups that never met; compare"):
        rank(apart)
