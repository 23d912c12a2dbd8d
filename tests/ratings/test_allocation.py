"""Strata in turn, own recordings never, top-up where intervals are widest."""

from datetime import datetime
from random import Random

import pytest
from django.test import Client

from people import consent, participants
from people.models import ConsentText, Participant
from ratings import assignments, studies
from ratings.models import Assignment, Item, Rating, Session, Study
from recordings.models import Campaign, Prompt, Stamp, Take
from recordings.models import Session as Recording
from tests.ratings.factories import (
    LISTENING,
    NOW,
    done_run,
    hear,
    later,
    leased,
    mixture,
    rate_next,
    rater,
    study,
)
from tests.ratings.test_pages import agree

pytestmark = pytest.mark.django_db


def pairs(count: int, *, mixtures: int = 1) -> tuple[Study, list[Participant]]:
    """A study of mixtures by `count` pairs of speakers."""
    of = study(mixtures=0, items_per_session=20)
    speakers = [
        recording(of, first=1 + mixtures * number, mixtures=mixtures)
        for number in range(count)
    ]
    studies.fill(of)
    return of, speakers


def recording(of: Study, *, first: int, mixtures: int) -> Participant:
    """A pair of speakers who recorded so many separated mixtures."""
    text = consent.current(ConsentText.Purpose.RECORD, body="We record you.", now=NOW)
    pair, _ = participants.enroll("contributor", text=text, persons=2, now=NOW)
    session = Recording.objects.create(
        campaign=of.campaign, participant=pair, started_at=NOW
    )
    one, two = (
        Prompt.objects.get_or_create(campaign=of.campaign, text=words)[0]
        for words in ("One.", "Two.")
    )
    for number in range(first, first + mixtures):
        heard = mixture(of.campaign, number)
        done_run(heard)
        stamp = Stamp.objects.create(
            code=f"CT-{number}",
            participant=pair,
            subject=f"take:{number}",
            issued_at=NOW,
        )
        Take.objects.create(
            session=session,
            number=number,
            prompt_1=one,
            prompt_2=two,
            state="recorded",
            lease_until=NOW,
            mixture=heard,
            stamp=stamp,
        )
    return pair


def test_a_rater_never_hears_her_own_mixture() -> None:
    of, (her, other) = pairs(2)
    session, _ = assignments.enroll(of, now=NOW, contributors=[her.pk])
    first = leased(session)
    assert first.item and first.item.run.mixture.take.session.participant == other
    now = rate_next(session, now=NOW)
    assert assignments.next_for(session, now=now, rng=Random(0)) is None


def test_a_browser_that_recorded_is_not_given_its_own_mixtures(client: Client) -> None:
    of, _ = pairs(2)
    Campaign.objects.update(is_open=True)
    both = {"speaker_1": "on", "speaker_2": "on"}
    version = of.campaign.consent_text.sha256
    client.post(f"/record/{of.campaign.slug}/", {**both, "version": version})
    pair = Recording.objects.latest("pk").participant
    agree(client, of)
    assert list(Session.objects.get().contributors.all()) == [pair]
    agree(Client(), of)
    assert not Session.objects.latest("pk").contributors.exists()


def test_raters_meet_the_pairs_of_speakers_in_turn() -> None:
    of, _ = pairs(3, mixtures=3)
    assert of.items.values("stratum").distinct().count() == 3
    for seed in range(3):
        session, now = rater(of), NOW
        for _ in range(3):
            now = rate_next(session, now=now)
        met = session.assignments.values_list("item__stratum", flat=True)
        assert len(set(met)) == 3, seed


def score_item(
    of: Study, item: Item, scores: tuple[int, int], *, now: datetime = NOW
) -> None:
    """A rater who scores exactly this item."""
    session = rater(of, now=now)
    assignment = Assignment.objects.create(
        session=session,
        item=item,
        position=1,
        leased_at=now,
        lease_until=now,
        state="submitted",
        submitted_at=now,
    )
    Rating.objects.bulk_create(
        Rating(assignment=assignment, estimate=estimate, score=score, created_at=now)
        for estimate, score in zip(item.run.estimates.all(), scores, strict=True)
    )


def topped_up(**fields: object) -> tuple[Study, Item, Item]:
    """Two items with three ratings each: one unanimous, one not."""
    plain = {"ratings_per_estimate": 3, "most_ratings_per_estimate": 6}
    of = study(mixtures=2, separators=1, items_per_session=5)
    studies.edit(of, **{**plain, **fields})
    sure, unsure = of.items.order_by("pk")
    for score in (1, 3, 5):
        score_item(of, sure, (4, 4))
        score_item(of, unsure, (4, score))
    return of, sure, unsure


def test_the_widest_interval_is_topped_up_first() -> None:
    of, sure, unsure = topped_up(target_half_width=0.1)
    first, second = leased(rater(of)), leased(rater(of), now=later(1))
    assert first.item == second.item == unsure


def test_top_up_ends_at_the_target() -> None:
    of, sure, unsure = topped_up(target_half_width=0.7)
    session = rater(of)
    now = rate_next(session, now=NOW)
    assert session.assignments.get().item == unsure
    assert assignments.next_for(session, now=now, rng=Random(0)) is None


def test_top_up_ends_at_the_cap() -> None:
    of, _, unsure = topped_up(most_ratings_per_estimate=4, target_half_width=0.7)
    assert leased(rater(of)).item == unsure
    assert assignments.next_for(rater(of), now=later(1), rng=Random(0)) is None


def test_without_a_cap_above_the_base_there_is_no_top_up() -> None:
    of, _, _ = topped_up(most_ratings_per_estimate=0)
    assert assignments.next_for(rater(of), now=NOW, rng=Random(0)) is None


def test_the_budget_ends_a_study() -> None:
    of = study(mixtures=4, separators=1, items_per_session=5, budget_items=2)
    session = rater(of)
    now = rate_next(session, now=rate_next(session, now=NOW))
    assert assignments.next_for(session, now=now, rng=Random(0)) is None
    assert assignments.submitted_in(session) == 2


def test_the_clock_runs_from_when_each_sound_was_fetched() -> None:
    served = [NOW, later(1), later(10)]
    assert assignments.earliest(served, seconds=2) == later(12)  # only the last is left
    assert assignments.earliest(served[:2] + [later(2)], seconds=2) == later(6)
    session = rater(study())
    assignment = leased(session)
    hear(assignment)
    assignment.plays.filter(position=2).update(served_at=later(30))
    with pytest.raises(assignments.HeardTooLittle, match="hear each to its end"):
        assignments.submit(assignment, {1: 3, 2: 3}, now=later(31))
    assignments.submit(assignment, {1: 3, 2: 3}, now=later(32))
    assert Session.objects.get().assignments.get().submitted_at == later(32)
    assert LISTENING.total_seconds() == 6
