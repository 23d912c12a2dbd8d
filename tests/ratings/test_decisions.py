"""Pay, use and refusal: apart, with reasons, never refused by a rule, undone again."""

from random import Random

import pytest
from django.db import IntegrityError, transaction

from people.models import User
from ratings import assignments, decisions, judging, results
from ratings.decisions import DecisionRefused, Outcome
from ratings.models import Decision, Rating, Session, Study
from tests.ratings.factories import NOW, later, leased, rate_next, rater, study

pytestmark = pytest.mark.django_db


def staff() -> User:
    return User.objects.create_superuser("staff@example.org", "x")


def rated() -> tuple[Study, Session]:
    of = study(mixtures=1, separators=1, ratings_per_estimate=1, items_per_session=1)
    session = rater(of)
    rate_next(session, now=NOW)
    session.refresh_from_db()
    return of, session


def by_rule(session: Session, outcome: str, *, rule: str = "controls") -> object:
    return decisions.by_rule(
        session, outcome, rule=rule, reason="Because.", evidence={}, now=NOW
    )


def test_excluded_scores_leave_the_results_at_once_and_come_back_when_undone() -> None:
    of, session = rated()
    assert len(results.scores(of.campaign)) == 2
    decision = decisions.decide(
        session, Outcome.EXCLUDE, reason="Plays music.", by=staff(), now=NOW
    )
    assert results.scores(of.campaign) == []
    assert Rating.objects.count() == 2  # kept, not counted
    decisions.undo(decision, by=User.objects.get(), now=later(5))
    assert len(results.scores(of.campaign)) == 2
    decision.refresh_from_db()
    assert (decision.undone_at, decision.undone_by) == (later(5), User.objects.get())
    with pytest.raises(DecisionRefused, match="undone before; nothing was changed"):
        decisions.undo(decision, by=User.objects.get(), now=later(6))


def test_an_excluded_raters_item_is_offered_again() -> None:
    of, session = rated()
    other = rater(of)
    assert assignments.next_for(other, now=later(60), rng=Random(0)) is None
    by_rule(session, Outcome.EXCLUDE)
    assert leased(rater(of), now=later(90)).item == of.items.get()


def test_an_excluded_rater_notices_nothing_and_is_paid() -> None:
    of = study(mixtures=2, separators=1, items_per_session=2)
    session = rater(of)
    now = rate_next(session, now=NOW)
    by_rule(session, Outcome.EXCLUDE)
    rate_next(session, now=now)
    session.refresh_from_db()
    assert session.stamp is not None
    judging.judge(of, now=later(60))
    paid, used = decisions.money(session), decisions.data(session)
    assert paid and paid.outcome == "pay" and paid.decided_by is None
    assert used and session.study.campaign


def test_no_rule_refuses_pay() -> None:
    _, session = rated()
    with pytest.raises(DecisionRefused, match="only a person may. Look at"):
        by_rule(session, Outcome.REFUSE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(
            session=session, outcome="refuse", rule="x", reason="y", decided_at=NOW
        )


def test_a_person_refuses_pay_with_a_reason_and_the_scores_stay() -> None:
    of, session = rated()
    with pytest.raises(DecisionRefused, match="No reason was given"):
        decisions.decide(session, Outcome.REFUSE, reason=" ", by=staff(), now=NOW)
    decision = decisions.decide(
        session, Outcome.REFUSE, reason="A copy.", by=User.objects.get(), now=NOW
    )
    assert decisions.money(session) == decision
    assert decisions.data(session) is None
    assert len(results.scores(of.campaign)) == 2
    decisions.undo(decision, by=User.objects.get(), now=NOW)
    assert decisions.money(session) is None


def test_a_persons_word_stands_against_the_rules_until_undone() -> None:
    _, session = rated()
    said = decisions.decide(
        session, Outcome.USE, reason="Heard her.", by=staff(), now=NOW
    )
    assert by_rule(session, Outcome.EXCLUDE) is None
    assert decisions.data(session) == said
    decisions.undo(said, by=User.objects.get(), now=NOW)
    assert by_rule(session, Outcome.EXCLUDE) is not None
    session.refresh_from_db()
    assert not session.is_used


def test_a_rule_that_says_the_same_again_writes_nothing() -> None:
    _, session = rated()
    assert by_rule(session, Outcome.USE) is None  # used is what holds anyway
    assert by_rule(session, Outcome.EXCLUDE) is not None
    assert by_rule(session, Outcome.EXCLUDE) is None
    assert by_rule(session, Outcome.USE) is not None
    session.refresh_from_db()
    assert session.is_used
    assert session.decisions.count() == 2
