"""Leases: who hears what, when it goes back, and when a session ends."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from pytest_django import Settings

from people.models import Participant
from ratings import assignments, simulation, studies
from ratings.models import Assignment, Item
from recordings.models import Stamp
from recordings.stamps import is_well_formed
from tests.ratings.factories import (
    LISTENING,
    NOW,
    hear,
    later,
    leased,
    rate_next,
    rater,
    study,
)

pytestmark = pytest.mark.django_db


def test_the_least_filled_item_is_given_first() -> None:
    of = study(mixtures=2, separators=2)
    given = {leased(rater(of), seed=seed).item_id for seed in range(4)}
    assert len(given) == 4  # live leases count, so four raters hear four items


def test_an_item_is_given_to_a_rater_once() -> None:
    of = study(mixtures=2, separators=2, items_per_session=10)
    session, now = rater(of), NOW
    heard = []
    for _ in range(4):
        heard.append(leased(session, now=now).item_id or 0)
        now = rate_next(session, now=now)
    assert sorted(heard) == sorted(of.items.values_list("pk", flat=True))
    assert assignments.next_for(session, now=now, rng=Random(0)) is None


def test_a_rater_meets_the_separators_and_mixtures_in_turn() -> None:
    of = study(mixtures=3, separators=3, items_per_session=3)
    session, now = rater(of), NOW
    for _ in range(3):
        now = rate_next(session, now=now)
    runs = [one.item.run for one in session.assignments.all() if one.item]
    assert len({run.separator_id for run in runs}) == 3
    assert len({run.mixture_id for run in runs}) == 3


def test_asking_again_gives_the_same_item() -> None:
    session = rater(study())
    first = leased(session, seed=1)
    assert leased(session, now=later(60), seed=2) == first
    assert session.assignments.count() == 1


def test_sources_are_shown_in_random_order_after_the_mixture() -> None:
    of = study(mixtures=4, separators=3, ratings_per_estimate=9)
    orders = set()
    for seed in range(12):
        plays = list(leased(rater(of), seed=seed).plays.all())
        assert [play.position for play in plays] == [0, 1, 2]
        assert plays[0].estimate is None
        orders.add(tuple(play.estimate.source for play in plays if play.estimate))
    assert orders == {(1, 2), (2, 1)}


def test_keys_tell_nothing_and_are_never_equal() -> None:
    of = study()
    keys = [p.key for _ in range(4) for p in leased(rater(of)).plays.all()]
    assert len(set(keys)) == len(keys) == 12
    assert all(len(key) >= 22 for key in keys)  # 128 random bits


def test_an_expired_lease_goes_to_the_next_rater() -> None:
    of = study(mixtures=1, separators=1, ratings_per_estimate=1)
    first, second = rater(of), rater(of)
    leased(first)
    assert assignments.next_for(second, now=later(60), rng=Random(0)) is None
    third = rater(of)
    late = leased(third, now=later(3600))
    assert late.item == Item.objects.get()
    states = Assignment.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["expired", "leased"]


def test_who_comes_back_after_the_lease_hears_the_same_item_again() -> None:
    session = rater(study())
    first = leased(session)
    hear(first)
    again = leased(session, now=later(3600))
    assert again == first
    assert again.leased_at == later(3600)
    assert not again.plays.filter(served_at__isnull=False).exists()


def test_scores_sent_after_the_lease_are_kept() -> None:
    session = rater(study())
    assignment = leased(session)
    hear(assignment)
    Assignment.objects.expire(now=later(3600))
    assignments.submit(assignment, {1: 3, 2: 4}, now=later(3600))
    assert assignments.submitted_in(session) == 1


def test_enough_items_end_the_session_with_a_stamp() -> None:
    of = study(items_per_session=2)
    session = rater(of)
    now = rate_next(session, now=NOW)
    session.refresh_from_db()
    assert session.stamp is None
    now = rate_next(session, now=now)
    session.refresh_from_db()
    assert session.finished_at == now
    assert session.stamp and is_well_formed(session.stamp.code)
    assert session.stamp.subject == f"rating:{session.pk}"


def test_nothing_left_ends_a_shorter_session_with_a_stamp() -> None:
    session = rater(study(mixtures=1, separators=1, items_per_session=10))
    now = rate_next(session, now=NOW)
    assert assignments.next_for(session, now=now, rng=Random(0)) is None
    assert session.stamp is not None


def test_who_rated_nothing_gets_no_stamp() -> None:
    session = rater(study(mixtures=0))
    assert assignments.next_for(session, now=NOW, rng=Random(0)) is None
    assert session.finished_at == NOW
    assert not Stamp.objects.exists()


def test_a_paused_study_gives_no_new_item_and_takes_what_is_under_way() -> None:
    of = study()
    session = rater(of)
    assignment = leased(session)
    hear(assignment)
    studies.pause(of)
    assert leased(session) == assignment
    assignments.submit(assignment, {1: 3, 2: 3}, now=NOW + LISTENING)
    assert assignments.next_for(session, now=later(60), rng=Random(0)) is None
    session.refresh_from_db()
    assert session.finished_at is None
    studies.open_(of)
    assert leased(session, now=later(90)).position == 2


def test_nobody_joins_a_paused_study() -> None:
    of = study()
    studies.pause(of)
    with pytest.raises(studies.StudyClosed, match="is paused; ratings are taken while"):
        assignments.enroll(of, now=NOW)
    assert not Participant.objects.exists()


def test_every_item_gets_its_ratings_and_none_gets_more() -> None:
    of = study(mixtures=4, separators=3, items_per_session=5, ratings_per_estimate=3)
    simulation.simulate(of, raters=30, seed=1, now=NOW)
    filled = Counter(Assignment.objects.values_list("item_id", flat=True))
    assert sorted(filled.values()) == [3] * 12


def test_a_part_filled_study_is_filled_evenly() -> None:
    of = study(mixtures=4, separators=3, items_per_session=5)
    simulation.simulate(of, raters=7, seed=1, now=NOW)  # 35 of 60 places
    filled = Counter(Assignment.objects.values_list("item_id", flat=True))
    counts = [filled[item.pk] for item in of.items.all()]
    assert sum(counts) == 35
    assert max(counts) - min(counts) <= 1
    by_separator = Counter(
        Assignment.objects.values_list("item__run__separator_id", flat=True)
    )
    assert max(by_separator.values()) - min(by_separator.values()) <= 2


def test_simulated_ratings_leave_the_places_of_people_free() -> None:
    of = study(mixtures=1, separators=1, ratings_per_estimate=1)
    assert simulation.simulate(of, raters=3, seed=1, now=NOW) == 2
    assert leased(rater(of)).item == Item.objects.get()


def test_the_link_leads_to_the_session_and_no_other_does() -> None:
    session, token = assignments.enroll(study(), now=NOW)
    assert assignments.by_link(token) == session
    assert assignments.by_link(token + "x") is None


def test_a_lease_lasts_as_the_setting_says(settings: Settings) -> None:
    settings.ASSIGNMENT_LEASE_SECONDS = 120
    assert leased(rater(study())).lease_until == NOW + timedelta(seconds=120)
