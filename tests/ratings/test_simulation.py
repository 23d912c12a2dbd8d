"""Simulated raters: repeatable, marked, following the SI-SNR, never paid."""

import pytest

from ratings import controls, judging, results, simulation
from ratings.models import ControlAnswer, Rating, Session, Study
from recordings.models import Stamp
from separation.models import Estimate, Estimator, Prediction
from tests.ratings.factories import NOW, campaign, done_run, mixture, study
from tests.ratings.test_controls import controlled

pytestmark = pytest.mark.django_db


def scores_of(of: Study) -> list[tuple[str, str, int, int]]:
    """Who scored what, in words that are the same in every study."""
    ratings = Rating.objects.filter(assignment__item__study=of)
    return sorted(
        (
            rating.estimate.run.mixture.slug.rpartition("-")[2],
            rating.estimate.run.separator.name,
            rating.estimate.source,
            rating.score,
        )
        for rating in ratings
    )


def test_the_same_seed_gives_the_same_scores() -> None:
    first, second, other = (study(slug=name) for name in ("one", "two", "three"))
    assert simulation.simulate(first, raters=4, seed=1, now=NOW) == 32
    simulation.simulate(second, raters=4, seed=1, now=NOW)
    simulation.simulate(other, raters=4, seed=2, now=NOW)
    assert scores_of(first) == scores_of(second)
    assert scores_of(first) != scores_of(other)


def test_simulating_again_adds_nothing() -> None:
    of = study()
    simulation.simulate(of, raters=3, seed=1, now=NOW)
    assert simulation.simulate(of, raters=3, seed=1, now=NOW) == 0
    assert Session.objects.count() == 3


def test_an_interrupted_simulation_is_completed() -> None:
    whole, parts = study(slug="whole"), study(slug="parts")
    simulation.simulate(whole, raters=3, seed=1, now=NOW)
    simulation.simulate(parts, raters=1, seed=1, now=NOW)
    simulation.simulate(parts, raters=3, seed=1, now=NOW)
    assert scores_of(parts) == scores_of(whole)


def test_nobody_is_made_up_where_nothing_can_be_rated() -> None:
    of = study(mixtures=0)
    assert simulation.simulate(of, raters=3, seed=1, now=NOW) == 0
    assert not Session.objects.exists()


def test_simulated_scores_are_marked_and_earn_no_stamp() -> None:
    of = study()
    simulation.simulate(of, raters=3, seed=1, now=NOW)
    assert all(score.is_simulated for score in results.scores(of.campaign))
    assert not Stamp.objects.exists()
    assert not Session.objects.filter(finished_at=None).exists()


def mean_score(slug: str, **truth: float) -> float:
    of = study(mixtures=0, slug=slug, ratings_per_estimate=12)
    done_run(mixture(of.campaign, 1), si_snr_db=truth.get("measured"))
    if "predicted" in truth:
        estimator = Estimator.objects.create(
            name=slug, revision="1", low_db=-10, high_db=30
        )
        for estimate in Estimate.objects.filter(run__mixture__campaign=of.campaign):
            Prediction.objects.create(
                estimate=estimate,
                estimator=estimator,
                predicted_si_snr_db=truth["predicted"],
                std_db=1,
                is_in_domain=True,
            )
    simulation.simulate(of, raters=12, seed=1, now=NOW)
    scores = [score.score for score in results.scores(of.campaign)]
    assert len(scores) == 24
    return sum(scores) / len(scores)


def test_scores_follow_the_measured_si_snr() -> None:
    assert mean_score("bad", measured=-8) < 1.7
    assert 2.5 < mean_score("fair", measured=6) < 3.5
    assert mean_score("good", measured=20) > 4.3


def test_without_references_scores_follow_the_predicted_si_snr() -> None:
    assert mean_score("low", predicted=-8) < 1.7
    assert mean_score("high", predicted=20) > 4.3


def test_a_campaign_without_simulation_has_no_simulated_score() -> None:
    assert results.scores(campaign()) == []


def test_simulated_raters_pass_the_controls_and_their_scores_are_used() -> None:
    of = controlled(items_per_session=4, controls_per_session=2, repeats_per_session=1)
    controls.prepare(of)
    assert simulation.simulate(of, raters=6, seed=2022, now=NOW) > 0
    judging.judge(of, now=NOW)
    assert ControlAnswer.objects.count() == 2 * 2 * of.sessions.count()
    assert not of.sessions.filter(is_used=False).exists()
    assert all(score.is_simulated for score in results.scores(of.campaign))
