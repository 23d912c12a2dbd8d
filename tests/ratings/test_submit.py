"""Scores that are taken, and those that are refused with what to do."""

import pytest

from ratings import assignments, results
from ratings.assignments import AlreadySubmitted, HeardTooLittle, SubmissionRefused
from ratings.models import Assignment, Rating
from tests.ratings.factories import hear, later, leased, rater, study

pytestmark = pytest.mark.django_db


def heard() -> Assignment:
    """An item of three sounds of 2 s each, all served."""
    assignment = leased(rater(study()))
    hear(assignment)
    return assignment


def test_each_score_goes_to_the_estimate_at_its_position() -> None:
    assignment = heard()
    assignments.submit(assignment, {1: 5, 2: 2}, now=later(6))
    shown = {p.position: p.estimate_id for p in assignment.plays.all()}
    kept = dict(Rating.objects.values_list("estimate_id", "score"))
    assert kept == {shown[1]: 5, shown[2]: 2}


@pytest.mark.parametrize(
    ("scores", "count"),
    [({}, 0), ({1: 3}, 1), ({1: 3, 2: 6}, 1), ({1: 0, 2: 6}, 0), ({1: 3, 3: 3}, 1)],
)
def test_every_source_needs_a_score(scores: dict[int, int], count: int) -> None:
    with pytest.raises(
        SubmissionRefused, match=f"{count} of 2 sources have a score from 1 to 5"
    ):
        assignments.submit(heard(), scores, now=later(60))
    assert not Rating.objects.exists()


def test_a_sound_never_fetched_was_not_heard() -> None:
    assignment = heard()
    assignment.plays.filter(position=2).update(served_at=None)
    with pytest.raises(HeardTooLittle, match="1 of 3 sounds were not played"):
        assignments.submit(assignment, {1: 3, 2: 3}, now=later(60))


def test_scores_faster_than_the_sounds_are_refused() -> None:
    assignment = heard()
    with pytest.raises(
        HeardTooLittle, match="came after 5 s, but the 3 sounds last 6 s together"
    ):
        assignments.submit(assignment, {1: 3, 2: 3}, now=later(5))
    assignments.submit(assignment, {1: 3, 2: 3}, now=later(6))


def test_the_same_scores_sent_twice_are_stored_once() -> None:
    assignment = heard()
    assignments.submit(assignment, {1: 3, 2: 3}, now=later(6))
    with pytest.raises(AlreadySubmitted, match="sent before and are stored once"):
        assignments.submit(assignment, {1: 5, 2: 5}, now=later(7))
    assert list(Rating.objects.values_list("score", flat=True)) == [3, 3]


def test_results_say_who_scored_what_and_whether_simulated() -> None:
    assignment = heard()
    assignments.submit(assignment, {1: 5, 2: 2}, now=later(6))
    assert assignment.item
    run = assignment.item.run
    found = results.scores(assignment.session.study.campaign)
    assert {one.score for one in found} == {5, 2}
    assert {one.separator_id for one in found} == {run.separator_id}
    assert {one.mixture_id for one in found} == {run.mixture_id}
    assert {one.participant_id for one in found} == {assignment.session.participant_id}
    assert not any(one.is_simulated for one in found)


def test_results_of_another_campaign_are_empty() -> None:
    assignments.submit(heard(), {1: 5, 2: 2}, now=later(6))
    assert results.scores(study(slug="other").campaign) == []
