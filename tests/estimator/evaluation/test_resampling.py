"""Bootstrap figures: equal to scipy's on the drawn sample, and intervals that cover."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from estimator.evaluation import resampling

Statistic = Callable[..., Any]


def judged(
    mixtures: int = 40, each: int = 6, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two columns that share a part per mixture, with ties, and their mixtures."""
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(mixtures), each)
    truth = rng.normal(0, 4, mixtures)[clusters] + rng.normal(0, 6, mixtures * each)
    said = (
        0.7 * truth
        + rng.normal(0, 2, mixtures)[clusters]
        + rng.normal(0, 3, len(truth))
    )
    return said, truth.clip(-8, 8).round(1), clusters


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        (resampling.pearson, stats.pearsonr),
        (resampling.spearman, stats.spearmanr),
        (resampling.kendall, stats.kendalltau),
    ],
)
def test_each_draw_equals_scipy_on_the_drawn_sample(
    statistic: Statistic, expected: Statistic
) -> None:
    said, truth, clusters = judged()
    counts = resampling.resampled(40, np.random.default_rng(1), draws=5)
    found = statistic(said, truth, clusters, counts)
    for row, value in zip(counts, found, strict=True):
        picked = np.repeat(np.arange(len(said)), row[clusters].astype(int))
        reference = expected(said[picked], truth[picked]).statistic
        assert value == pytest.approx(reference, abs=1e-9)


def test_means_of_each_draw_are_those_of_the_drawn_sample() -> None:
    said, _, clusters = judged()
    counts = resampling.resampled(40, np.random.default_rng(1), draws=5)
    for row, value in zip(
        counts, resampling.means(said, clusters, counts), strict=True
    ):
        picked = np.repeat(np.arange(len(said)), row[clusters].astype(int))
        assert value == pytest.approx(said[picked].mean())


@pytest.mark.parametrize(
    "statistic", [resampling.pearson, resampling.spearman, resampling.kendall]
)
def test_a_constant_column_has_no_correlation(statistic: Statistic) -> None:
    said, _, clusters = judged()
    counts = resampling.resampled(40, np.random.default_rng(1), draws=3)
    assert np.isnan(statistic(said, np.full_like(said, 3.3), clusters, counts)).all()


def test_the_first_row_counts_every_mixture_once() -> None:
    counts = resampling.resampled(7, np.random.default_rng(0), draws=50)
    assert counts.shape == (51, 7)
    assert counts[0].tolist() == [1] * 7
    assert (counts.sum(1) == 7).all()


def covered(by_mixture: bool, trials: int = 200) -> float:
    """Share of simulated studies whose interval holds the true mean, which is 0."""
    hits = 0
    for trial in range(trials):
        rng = np.random.default_rng([trial, 7])
        clusters = np.repeat(np.arange(60), 6)
        values = rng.normal(0, 1, 60)[clusters] + rng.normal(0, 1, 360)
        own = clusters if by_mixture else np.arange(360)
        counts = resampling.resampled(own.max() + 1, rng, draws=200)
        found = resampling.figure(resampling.means(values, own, counts))
        hits += found.low <= 0 <= found.high
    return hits / trials


def test_intervals_over_mixtures_cover_the_truth() -> None:
    assert covered(by_mixture=True) == pytest.approx(0.94, abs=0.04)


def test_intervals_over_estimates_would_be_too_narrow() -> None:
    """Why mixtures are drawn: estimates of one mixture are not independent."""
    assert covered(by_mixture=False) < 0.8


def test_an_interval_of_pearson_covers_the_true_one() -> None:
    hits, truth = 0, 0.6
    for trial in range(150):
        rng = np.random.default_rng([trial, 3])
        one = rng.normal(size=120)
        other = truth * one + np.sqrt(1 - truth**2) * rng.normal(size=120)
        counts = resampling.resampled(120, rng, draws=200)
        found = resampling.figure(
            resampling.pearson(one, other, np.arange(120), counts)
        )
        hits += found.low <= truth <= found.high
    assert hits / 150 == pytest.approx(0.94, abs=0.05)


def test_draws_without_a_value_are_left_out_of_the_interval() -> None:
    found = resampling.figure(np.array([1.0, np.nan, 0.5, 1.5]))
    assert found.value == 1.0
    assert 0.5 <= found.low <= found.high <= 1.5
    assert np.isnan(resampling.figure(np.array([2.0, np.nan])).low)
