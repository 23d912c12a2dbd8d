"""Bias and consistency: the published run of P.910, and what crowds do to it."""

from pathlib import Path

import numpy as np
import pytest

from ratings.statistics.rater_model import p910, shrunk

# Demo data of Netflix/sureal (Apache-2.0): 79 items (lines) by 26 raters, "." a blank.
LINES = (Path(__file__).parent / "p910_demo.txt").read_text().split()
BLANK = np.nan
DEMO = np.array([[BLANK if s == "." else float(s) for s in row] for row in LINES]).T


def test_p910_equals_its_published_run() -> None:
    found = p910(DEMO, allow_blanks=True)
    assert found.bias[:3] == pytest.approx([-0.18985, -0.20251, 0.24053], abs=1e-5)
    assert found.quality[:3] == pytest.approx([4.92623, 4.87188, 4.66002], abs=1e-5)
    spread = found.inconsistency[:3]
    assert spread == pytest.approx([1.83394, 1.79280, 1.60525], abs=1e-5)
    assert found.rounds == 16  # the reference program prints the same
    there = found.inconsistency[~np.isnan(DEMO[:, 0])]
    assert found.quality_sd[0] == pytest.approx(1 / np.sqrt((1 / there**2).sum()))
    assert found.half_width[0] == pytest.approx(1.95996 * found.quality_sd[0], rel=1e-5)


def test_p910_lets_one_score_decide_which_is_why_crowds_get_the_shrunk_model() -> None:
    values = np.full((8, 20), BLANK)
    values[:7] = 1.5 + np.random.default_rng(5).integers(0, 3, (7, 20))
    values[7, 0] = 1
    found = p910(values, allow_blanks=True)
    assert found.quality[0] - found.bias.mean() == pytest.approx(
        1 - found.bias[7], abs=0.01
    )


def test_p910_refuses_an_incomplete_table() -> None:
    with pytest.raises(ValueError, match="1 of 4 scores are missing"):
        p910(np.array([[1.0, 2.0], [BLANK, 2.0]]))


def test_one_score_of_one_rater_does_not_decide_an_item() -> None:
    rng = np.random.default_rng(5)
    values = np.full((8, 20), BLANK)
    values[:7] = np.clip(np.round(rng.normal(3, 1, (7, 20))), 1, 5)
    values[:7, 0] = [1, 2, 2, 2, 1, 2, 2]  # mean 1.71
    values[7, 0] = 1  # the eighth rater's only score
    assert shrunk(values).quality[0] == pytest.approx(1.71, abs=0.3)


@pytest.mark.parametrize("each", [5, 10, 20])
def test_the_shrunk_model_is_nearer_to_the_truth_than_the_mean(each: int) -> None:
    rng = np.random.default_rng(each)
    errors = np.zeros((12, 2))
    for row in errors:
        truth, values = _crowd(rng, raters=40, items=40, each=each)
        kept = ~np.isnan(values).all(axis=0)
        truth, values = truth[kept], values[:, kept]
        for at, found in enumerate(
            (shrunk(values).quality, np.nanmean(values, axis=0))
        ):
            row[at] = np.sqrt(np.mean((found - truth) ** 2))
    model, plain = errors.mean(axis=0)
    assert model < 0.97 * plain


def test_the_shrunk_model_finds_who_is_biased_and_who_is_noisy() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(1.5, 4.5, 60)
    values = truth + rng.normal(0, 0.3, (12, 60))
    values[0] += 0.8
    values[1] += rng.normal(0, 1.2, 60)
    found = shrunk(values)
    assert found.bias.argmax() == 0
    assert found.bias[0] == pytest.approx(0.8 - 0.8 / 12, abs=0.1)
    assert found.inconsistency.argmax() == 1
    assert abs(found.bias.mean()) < 1e-9


def _crowd(
    rng: np.random.Generator, *, raters: int, items: int, each: int
) -> tuple[np.ndarray, np.ndarray]:
    """Biased raters of unlike care, `each` whole scores per rater."""
    truth = rng.uniform(1.3, 4.7, items)
    bias, noise = rng.normal(0, 0.45, raters), rng.uniform(0.3, 1.3, raters)
    values = np.full((raters, items), BLANK)
    for rater in range(raters):
        heard = rng.choice(items, each, replace=False)
        score = truth[heard] + bias[rater] + rng.normal(0, noise[rater], each)
        values[rater, heard] = np.clip(np.round(score), 1, 5)
    return truth, values
