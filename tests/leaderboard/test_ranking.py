"""Ranks are shared by equal scores; a blank never ranks above a real score."""

from leaderboard import ranking


def test_the_highest_score_is_first() -> None:
    assert ranking.ranks([1.0, 3.0, 2.0], digits=1) == [3, 1, 2]


def test_scores_that_look_equal_share_a_rank() -> None:
    assert ranking.ranks([8.44, 9.1, 8.36, 2.0], digits=1) == [2, 1, 2, 4]


def test_a_blank_has_no_rank_even_below_negative_scores() -> None:
    assert ranking.ranks([-3.0, None, -7.5], digits=1) == [1, None, 2]


def test_lower_can_be_better() -> None:
    ranks = ranking.ranks([0.3, None, 0.1], digits=3, higher_is_better=False)
    assert ranks == [2, None, 1]


def test_blanks_come_last_in_both_directions() -> None:
    rows = [("a", None), ("b", 1.0), ("c", 2.0)]
    for descending, expected in ((False, "bca"), (True, "cba")):
        found = ranking.blanks_last(rows, lambda row: row[1], descending=descending)
        assert "".join(name for name, _ in found) == expected
