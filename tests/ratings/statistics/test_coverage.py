"""95 % intervals hold the truth in 92 to 98 of 100 studies (500: interval_coverage)."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from ratings.statistics.coverage import Design, expected_score, measure


def test_the_truth_is_the_mean_of_rounded_and_clipped_scores() -> None:
    drawn = np.random.default_rng(1).normal(4.3, 0.9, 200_000)
    known = np.clip(np.round(drawn), 1, 5).mean()
    assert expected_score(np.array(4.3), 0.9) == pytest.approx(known, abs=0.01)


def test_intervals_of_separators_and_items_hold_the_truth() -> None:
    found = measure(Design(raters=16, items=20, votes=6), studies=100, seed=3)
    assert 0.92 <= found.separator <= 0.98
    assert 0.92 <= found.item <= 0.98
    assert found.item_bounded >= 0.95
    assert (found.separators, found.items) == (100, 2000)


def test_the_command_tells_all_three_shares() -> None:
    out = StringIO()
    call_command("interval_coverage", "--studies=2", "--items=6", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == [
        "separator, two-way",
        "item, t",
        "item, bounded",
    ]
