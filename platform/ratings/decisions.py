"""Pay, use, refuse: decided apart, each with a rule and a reason, and undone again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from people.models import User
from ratings.models import Decision, Session

Outcome = Decision.Outcome
MONEY = (Outcome.PAY, Outcome.REFUSE)
DATA = (Outcome.USE, Outcome.EXCLUDE)
MANUAL = "manual"


class DecisionRefused(Exception):
    """Why a decision cannot be taken or undone; the message is shown to staff."""


def money(session: Session) -> Decision | None:
    """What holds about the rater's pay; None while nobody decided."""
    return _last(session, MONEY)


def data(session: Session) -> Decision | None:
    """What holds about the rater's scores; None: they are used."""
    return _last(session, DATA)


@transaction.atomic
def decide(
    session: Session,
    outcome: str,
    *,
    reason: str,
    by: User,
    now: datetime,
    evidence: dict[str, Any] | None = None,
) -> Decision:
    """A person's decision, which the rules do not overturn. Scores count at once.

    Raises:
        DecisionRefused: if no reason was given.
    """
    if not reason.strip():
        raise DecisionRefused(
            "No reason was given; the rater may ask for it. Write what you saw."
        )
    decision = Decision.objects.create(
        session=session,
        outcome=outcome,
        rule=MANUAL,
        reason=reason.strip(),
        evidence=evidence or {},
        decided_by=by,
        decided_at=now,
    )
    _recount(session)
    return decision


@transaction.atomic
def by_rule(
    session: Session,
    outcome: str,
    *,
    rule: str,
    reason: str,
    evidence: dict[str, Any],
    now: datetime,
) -> Decision | None:
    """A rule's decision; None where it changes nothing, or a person decided.

    Raises:
        DecisionRefused: for a refusal of pay, which only a person may decide.
    """
    if outcome == Outcome.REFUSE:
        raise DecisionRefused(
            "A rule wanted to refuse pay; only a person may. Look at the evidence, "
            "then decide by hand."
        )
    kind = MONEY if outcome in MONEY else DATA
    last = _last(session, kind)
    if last and (last.decided_by or (last.outcome, last.rule) == (outcome, rule)):
        return None
    if last is None and outcome == Outcome.USE:
        return None  # used is what holds anyway
    decision = Decision.objects.create(
        session=session,
        outcome=outcome,
        rule=rule,
        reason=reason,
        evidence=evidence,
        decided_at=now,
    )
    _recount(session)
    return decision


@transaction.atomic
def undo(decision: Decision, *, by: User, now: datetime) -> None:
    """Take a decision back; what was decided before it holds again."""
    undone = Decision.objects.filter(pk=decision.pk, undone_at=None)
    if not undone.update(undone_at=now, undone_by=by):
        raise DecisionRefused(
            "This decision was undone before; nothing was changed. Load the page again."
        )
    _recount(decision.session)


def _last(session: Session, outcomes: tuple[Outcome, ...]) -> Decision | None:
    standing = session.decisions.filter(outcome__in=outcomes, undone_at=None)
    return standing.order_by("-pk").first()


def _recount(session: Session) -> None:
    """Results, leaderboard and allocation read only sessions that are used."""
    last = data(session)
    session.is_used = last is None or last.outcome == Outcome.USE
    Session.objects.filter(pk=session.pk).update(is_used=session.is_used)
