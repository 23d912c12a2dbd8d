"""Correlations of known truth, and intervals that cover it as often as they say."""

import numpy as np
import pytest
from scipy import stats

from leaderboard import agreement
from leaderboard.agreement import Points

SEED = 7


def clustered(
    mixtures: int = 40,
    separators: int = 4,
    *,
    shared: float = 0.7,
    r: float = 0.6,
    seed: int = SEED,
) -> Points:
    """Normal pairs of correlation r whose variance is partly that of the mixture."""
    generator = np.random.default_rng(seed)
    covariance = [[1.0, r], [r, 1.0]]
    pair = generator.multivariate_normal
    of_mixture = pair([0, 0], covariance, size=mixtures)[:, None]
    of_each = pair([0, 0], covariance, size=(mixtures, separators))
    values = np.sqrt(shared) * of_mixture + np.sqrt(1 - shared) * of_each
    return Points(
        values[..., 0].ravel() * 3 + 8,
        values[..., 1].ravel() * 0.5 + 3,
        np.repeat(np.arange(mixtures), separators),
        np.tile(np.arange(separators), mixtures),
    )


def fisher(r: float, n: int) -> tuple[float, float]:
    half = 1.96 / np.sqrt(n - 3)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def width(found: agreement.Correlation) -> float:
    assert found.low is not None and found.high is not None
    return found.high - found.low


def test_values_are_those_of_scipy() -> None:
    points = clustered()
    found = agreement.measure(points, seed=SEED, draws=50).utterance
    x, y = points.predicted, np.round(points.mos * 2) / 2  # with ties
    tied = Points(x, y, points.mixture, points.separator)
    tied_found = agreement.measure(tied, seed=SEED, draws=50).utterance
    assert found.pearson.value == pytest.approx(stats.pearsonr(x, points.mos)[0])
    assert tied_found.spearman.value == pytest.approx(stats.spearmanr(x, y)[0])
    assert (found.n, found.mixtures) == (160, 40)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(150):
        found = agreement.measure(clustered(seed=seed), seed=seed, draws=200)
        pearson = found.utterance.pearson
        assert pearson.low is not None and pearson.high is not None
        covered += pearson.low <= 0.6 <= pearson.high
    assert 0.92 <= covered / 150 <= 0.98


def test_fisher_z_is_too_narrow_on_clustered_estimates() -> None:
    covered, ours, theirs = 0, 0.0, 0.0
    for seed in range(60):
        pearson = agreement.measure(
            clustered(seed=seed), seed=seed, draws=200
        ).utterance.pearson
        assert pearson.value is not None
        low, high = fisher(pearson.value, 160)
        covered += low <= 0.6 <= high
        ours, theirs = ours + width(pearson), theirs + high - low
    assert covered / 60 < 0.88
    assert ours > 1.3 * theirs


def test_independent_estimates_get_the_width_of_fisher_z() -> None:
    points = clustered(mixtures=200, separators=1, shared=0.0)
    pearson = agreement.measure(points, seed=SEED).utterance.pearson
    assert pearson.value is not None
    low, high = fisher(pearson.value, 200)
    assert width(pearson) == pytest.approx(high - low, rel=0.2)


def test_within_mixture_does_not_see_what_mixtures_share() -> None:
    """Easy mixtures raise both scores; inside a mixture the two are unrelated."""
    generator = np.random.default_rng(SEED)
    easy = np.repeat(generator.normal(0, 5, 60), 4)
    x, y = easy + generator.normal(size=240), easy + generator.normal(size=240)
    mixture, separator = np.repeat(np.arange(60), 4), np.tile(np.arange(4), 60)
    found = agreement.measure(Points(x, y, mixture, separator), seed=SEED, draws=200)
    assert found.utterance.pearson.value is not None
    assert found.utterance.pearson.value > 0.9
    for inside in (found.within_mixture.pearson, found.within_mixture.spearman):
        assert inside.value == pytest.approx(0, abs=0.15)
        assert inside.low is not None and inside.high is not None
        assert inside.low < 0 < inside.high


def test_a_mixture_with_one_estimate_says_nothing_within_mixtures() -> None:
    points = clustered(mixtures=10)
    kept = (points.mixture < 8) | (points.separator == 0)
    few = Points(*(values[kept] for values in vars(points).values()))
    within = agreement.measure(few, seed=SEED, draws=20).within_mixture
    assert (within.n, within.mixtures) == (32, 8)


def test_four_separators_have_no_system_level_number() -> None:
    system = agreement.measure(clustered(separators=4), seed=SEED, draws=20).system
    assert system.pearson.value is None
    assert system.n == 4
    assert system.pearson.reason == (
        "There are rated estimates of 4 separators; a correlation of their means "
        "needs at least 5."
    )


def test_system_level_correlates_the_means_of_separators() -> None:
    points = clustered(separators=6)
    system = agreement.measure(points, seed=SEED, draws=200).system
    x, y = (
        np.array([values[points.separator == at].mean() for at in range(6)])
        for values in (points.predicted, points.mos)
    )
    assert system.pearson.value == pytest.approx(stats.pearsonr(x, y)[0])
    assert system.spearman.value == pytest.approx(stats.spearmanr(x, y)[0])
    assert system.pearson.low is not None and system.n == 6


@pytest.mark.parametrize("constant", ["predictions", "ratings"])
def test_a_constant_has_no_correlation_and_says_why(constant: str) -> None:
    points = clustered()
    flat = np.full(160, 3.1)
    x = flat if constant == "predictions" else points.predicted
    y = flat if constant == "ratings" else points.mos
    flat_points = Points(x, y, points.mixture, points.separator)
    found = agreement.measure(flat_points, seed=SEED, draws=20)
    expected = f"All {constant} are equal; a correlation needs some that differ."
    for level in (found.utterance, found.within_mixture):
        assert level.pearson.value is None
        assert level.pearson.reason == expected
    assert agreement.fit_line(flat_points, seed=SEED) is None


def test_no_points_is_a_reason_and_not_a_crash() -> None:
    found = agreement.measure(Points.of([]), seed=SEED, draws=20)
    assert found.utterance.pearson.reason == (
        "There are 0 points; a correlation needs 3."
    )
    assert found.utterance.n == found.system.n == 0


def test_four_mixtures_give_a_value_without_interval() -> None:
    pearson = agreement.measure(clustered(mixtures=4), seed=SEED).utterance.pearson
    assert pearson.value is not None
    assert pearson.low is None
    assert pearson.reason == "There are 4 mixtures; an interval needs at least 5."


def test_almost_constant_ratings_give_no_interval() -> None:
    points = clustered()
    ratings = np.where(np.arange(160) == 5, 4.0, 3.0)
    nearly = Points(points.predicted, ratings, points.mixture, points.separator)
    pearson = agreement.measure(nearly, seed=SEED, draws=200).utterance.pearson
    assert pearson.value is not None and pearson.low is None
    assert pearson.reason == (
        "Too few mixtures differ for an interval; more ratings are needed."
    )


def test_the_same_seed_gives_the_same_interval() -> None:
    first, again = (agreement.measure(clustered(), seed=3) for _ in range(2))
    other = agreement.measure(clustered(), seed=4)
    assert first == again
    assert other.utterance.pearson.low != first.utterance.pearson.low


def test_large_campaigns_are_drawn_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = agreement.measure(clustered(), seed=3, draws=100)
    monkeypatch.setattr("leaderboard.bootstrap.CELLS", 1000)
    parts = agreement.measure(clustered(), seed=3, draws=100)
    assert parts.utterance.spearman.low == pytest.approx(whole.utterance.spearman.low)


def test_the_line_is_least_squares_inside_its_band() -> None:
    points = clustered()
    line = agreement.fit_line(points, seed=SEED)
    assert line is not None
    slope, intercept = np.polyfit(points.predicted, points.mos, 1)
    assert line.y == pytest.approx([slope * x + intercept for x in line.x])
    inside = zip(line.low, line.y, line.high, strict=True)
    assert all(low < y < high for low, y, high in inside)
    middle, end = len(line.x) // 2, -1
    assert line.high[end] - line.low[end] > line.high[middle] - line.low[middle]


def test_points_number_whatever_names_them() -> None:
    points = Points.of(
        [(1.0, 2.0, "m9", "b"), (2.0, 3.0, "m1", "a"), (3, 4, "m9", "a")]
    )
    assert points.mixture.tolist() == [0, 1, 0]
    assert points.separator.tolist() == [0, 1, 1]
    assert (points.mixtures, points.separators) == (2, 2)
