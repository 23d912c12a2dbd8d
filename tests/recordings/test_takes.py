"""Prompts are leased evenly, never twice to one pair, and come back when forgotten."""

from collections import Counter
from datetime import timedelta

import pytest

from recordings import takes
from recordings.models import Take
from tests.recordings.factories import (
    LEASE,
    NOW,
    make_campaign,
    make_session,
    make_take,
)

LATER = NOW + LEASE + timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def test_a_take_has_two_different_prompts_of_its_campaign() -> None:
    take = make_take()
    assert take.number == 1
    assert take.prompt_1 != take.prompt_2
    assert {take.prompt_1.campaign, take.prompt_2.campaign} == {take.session.campaign}
    assert take.lease_until == NOW + LEASE


def test_asking_again_gives_the_same_take_with_a_fresh_lease() -> None:
    session = make_session()
    first = make_take(session)
    again = make_take(session, now=NOW + timedelta(minutes=5))
    assert again == first
    assert again.lease_until == NOW + timedelta(minutes=35)


def test_prompts_are_used_evenly() -> None:
    campaign = make_campaign(prompts=8)
    used: Counter[int] = Counter()
    for _ in range(8):
        take = make_take(make_session(campaign))
        used.update([take.prompt_1_id, take.prompt_2_id])
    assert list(used.values()) == [2] * 8


def test_a_pair_never_reads_a_prompt_twice() -> None:
    session = make_session(make_campaign(prompts=7, takes_per_session=9))
    read: list[int] = []
    while take := takes.lease(session, lease=LEASE, now=NOW):
        read += [take.prompt_1_id, take.prompt_2_id]
        take.state = Take.State.EXPIRED
        take.save()
    assert len(read) == len(set(read)) == 6  # of the seventh there is no pair


def test_forgotten_prompts_go_to_others_first() -> None:
    campaign = make_campaign(prompts=4)
    forgotten = make_take(make_session(campaign))
    kept = make_take(make_session(campaign), now=NOW + timedelta(minutes=20))
    taken = make_take(make_session(campaign), now=LATER)
    assert {taken.prompt_1, taken.prompt_2} == {forgotten.prompt_1, forgotten.prompt_2}
    forgotten.refresh_from_db()
    assert forgotten.state == Take.State.EXPIRED
    kept.refresh_from_db()
    assert kept.state == Take.State.LEASED


def test_a_pair_that_comes_back_late_keeps_its_prompts_if_nobody_took_them() -> None:
    session = make_session()
    assert make_take(session, now=LATER) == make_take(session)


def test_a_take_was_given_away_once_a_later_one_has_its_prompt() -> None:
    campaign = make_campaign(prompts=2)
    take = make_take(make_session(campaign))
    takes.expire(now=LATER)
    take.refresh_from_db()
    assert not takes.was_given_away(take)
    make_take(make_session(campaign), now=LATER)
    assert takes.was_given_away(take)


def test_a_closed_campaign_leases_nothing() -> None:
    session = make_session(make_campaign(is_open=False))
    assert takes.lease(session, lease=LEASE, now=NOW) is None


def test_a_campaign_of_one_prompt_leases_nothing() -> None:
    session = make_session(make_campaign(prompts=1))
    assert takes.lease(session, lease=LEASE, now=NOW) is None
