"""Alpha and ICC against published values and closed forms."""

import numpy as np
import pytest

from ratings.statistics.agreement import alpha, icc, reliability

BLANK = np.nan
CODERS = np.array(  # Krippendorff's example: three coders, 15 units
    [
        [*[BLANK] * 5, 3, 4, 1, 2, 1, 1, 3, 3, BLANK, 3],
        [1, BLANK, 2, 1, 3, 3, 4, 3, *[BLANK] * 7],
        [BLANK, BLANK, 2, 1, 3, 4, 4, BLANK, 2, 1, 1, 3, 3, BLANK, 4],
    ]
)
JUDGES = np.array(  # Shrout and Fleiss, 1979: four judges, six targets
    [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]],
    dtype=float,
)


@pytest.mark.parametrize(
    ("level", "known"),
    [("nominal", 0.691358), ("ordinal", 0.806721), ("interval", 0.810845)],
)
def test_alpha_equals_the_published_values(level: str, known: float) -> None:
    assert alpha(CODERS, level) == pytest.approx(known, abs=1e-6)  # type: ignore[arg-type]


def test_alpha_is_one_when_all_agree_and_near_nought_by_chance() -> None:
    same = np.tile([1.0, 3.0, 5.0], (4, 1))
    assert alpha(same) == pytest.approx(1.0)
    chance = np.random.default_rng(1).integers(1, 6, (20, 200)).astype(float)
    assert alpha(chance) == pytest.approx(0.0, abs=0.01)


def test_alpha_is_blank_where_nothing_varies_or_meets() -> None:
    assert alpha(np.full((3, 4), 4.0)) is None
    assert alpha(np.array([[1.0, BLANK], [BLANK, 5.0]])) is None


def test_icc_equals_the_classic_example() -> None:
    found = icc(JUDGES)
    known = {
        "one_way": 0.166,
        "absolute": 0.290,
        "consistency": 0.715,
        "one_way_mean": 0.443,
        "absolute_mean": 0.620,
        "consistency_mean": 0.909,
    }
    for form, value in known.items():
        assert getattr(found, form) == pytest.approx(value, abs=5e-4), form


def test_icc_refuses_blanks_and_says_what_to_use() -> None:
    with pytest.raises(ValueError, match="2 of 4 scores are missing.*incomplete"):
        icc(np.array([[1.0, BLANK], [BLANK, 2.0]]))


def test_reliability_of_a_complete_table_is_the_one_way_icc() -> None:
    found, complete = reliability(JUDGES), icc(JUDGES)
    assert found is not None
    assert found.one_score == pytest.approx(complete.one_way)
    assert found.item_mean == pytest.approx(complete.one_way_mean)
    assert found.scores_per_item == pytest.approx(4)


def test_reliability_of_a_sparse_table_recovers_the_variances() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(3, 0.8, 3000)  # variance .64 beside .36 of noise: ICC .64
    values = truth + rng.normal(0, 0.6, (6, 3000))
    values[rng.random(values.shape) < 0.5] = BLANK
    found = reliability(values)
    assert found is not None
    assert found.one_score == pytest.approx(0.64, abs=0.02)
    assert found.scores_per_item == pytest.approx(3, abs=0.2)


def test_reliability_is_blank_without_a_second_score() -> None:
    assert reliability(np.array([[1.0, 2.0, 3.0]])) is None
