"""Plans against closed forms, published counts, and studies that were simulated."""

from decimal import Decimal
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from scipy import stats

from ratings.statistics.planning import (
    Design,
    Spread,
    detectable_gap,
    half_width,
    plan,
    votes_for,
    votes_for_gap,
)


@pytest.mark.parametrize(("target", "votes"), [(0.5, 15), (0.25, 53)])
def test_votes_for_an_interval_equal_the_published_counts(
    target: float, votes: int
) -> None:
    assert votes_for(target, 0.9) == votes
    assert (half_width(votes, 0.9) or 9) <= target < (half_width(votes - 1, 0.9) or 0)


@pytest.mark.parametrize(
    ("votes", "half"), [(5, 1.2417), (8, 0.8360), (16, 0.5329), (30, 0.3734)]
)
def test_half_width_of_an_item_at_a_deviation_of_one(votes: int, half: float) -> None:
    assert half_width(votes, 1.0) == pytest.approx(half, abs=1e-4)


def test_one_vote_has_no_interval_and_an_impossible_wish_no_count() -> None:
    assert half_width(1, 0.9) is None
    assert votes_for(0.01, 0.9) is None
    with pytest.raises(ValueError, match="asked for is 0 points; it must be above 0"):
        votes_for(0, 0.9)


def test_the_separators_interval_is_the_two_way_formula() -> None:
    # 4 x 30 items x 5 votes / 10 per session = 60 raters, who score 2.5 times each
    found = plan(Design(separators=4, mixtures=30, votes=5), Spread(0.4, 0.6, 0.7))
    variance = 0.16 / 60 + 0.36 / 30 + 0.49 / 150
    known = stats.t.ppf(0.975, 29) * np.sqrt(variance)
    assert found.separator_half_width == pytest.approx(known)


def test_the_gap_is_found_in_four_of_five_simulated_studies() -> None:
    design, spread = Design(separators=2, mixtures=30, votes=4), Spread(0.4, 0.6, 0.7)
    gap = detectable_gap(design, spread)
    assert gap is not None
    rng, found = np.random.default_rng(6), 0
    for _ in range(1000):
        unlike = rng.normal(0, 0.6 * np.sqrt(0.5), (2, 30))
        means = unlike + rng.normal(0, 0.7, (4, 2, 30)).mean(axis=0)
        difference = means[1] - means[0] + gap
        found += bool(stats.ttest_1samp(difference, 0).pvalue < 0.05)
    assert found / 1000 == pytest.approx(0.80, abs=0.04)


def test_votes_for_a_gap_are_the_fewest_that_show_it() -> None:
    design, spread = Design(separators=2, mixtures=60), Spread()
    votes = votes_for_gap(0.35, design, spread)
    assert votes
    enough = Design(separators=2, mixtures=60, votes=votes)
    fewer = Design(separators=2, mixtures=60, votes=votes - 1)
    assert (detectable_gap(enough, spread) or 9) <= 0.35
    assert (detectable_gap(fewer, spread) or 0) > 0.35


def test_a_gap_that_mixtures_hide_needs_more_mixtures() -> None:
    assert votes_for_gap(0.1, Design(separators=2, mixtures=10), Spread()) is None


def test_cost_by_hand() -> None:
    design = Design(
        separators=4,
        mixtures=60,
        votes=8,
        items_per_session=10,
        controls_per_session=3,
        seconds=6,
        pay=Decimal("2.50"),
        fee=Decimal("0.40"),
    )
    found = plan(design)
    assert (found.sessions, found.scores) == (192, 3840)
    assert found.minutes_per_session == pytest.approx(4 + 13 * (18 + 8) / 60)
    assert found.hours == pytest.approx(192 * found.minutes_per_session / 60)
    assert (found.pay, found.cost) == (Decimal("480.00"), Decimal("672.00"))
    assert found.pay_per_hour == Decimal("15.57")


def test_a_study_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="mixtures is 0; a study needs at least 1"):
        Design(separators=1, mixtures=0)


def test_the_command_prints_the_plan_and_answers() -> None:
    out = StringIO()
    call_command(
        "plan_study",
        "--separators=4",
        "--mixtures=60",
        "--votes=8",
        "--sd-raters=0",
        "--sd-rest=0.9",
        "--half-width=0.5",
        "--gap=0.35",
        stdout=out,
    )
    assert "192" in out.getvalue() and "460.80" in out.getvalue()
    assert "within +-0.5 needs 15 votes" in out.getvalue()
    assert "A gap of 0.35 between two separators needs" in out.getvalue()
    with pytest.raises(CommandError, match="separators is 0"):
        call_command("plan_study", "--separators=0", "--mixtures=1", stdout=out)
