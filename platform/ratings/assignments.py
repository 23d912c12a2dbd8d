"""Giving items to raters under a lease, and taking their scores."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random, SystemRandom
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from people import participants
from people.models import Participant
from ratings import allocation, controls, running_order, studies
from ratings.models import (
    Assignment,
    Control,
    ControlAnswer,
    Item,
    Play,
    Rating,
    Session,
    Study,
)
from recordings import stamps

SCORES = range(1, 6)


class SubmissionRefused(Exception):
    """The scores cannot be taken as they are; the message is shown to the rater."""


class AlreadySubmitted(SubmissionRefused):
    """These scores were taken before; nothing was changed."""


class HeardTooLittle(SubmissionRefused):
    """A sound was not played, or less time passed than the sounds last."""


def enroll(
    study: Study,
    *,
    now: datetime,
    is_simulated: bool = False,
    contributors: Iterable[int] = (),
    rng: Random | None = None,
) -> tuple[Session, str]:
    """A new rater in an open study, and the secret of the private link.

    Args:
        contributors: participants this rater is known to have recorded as.
        rng: draws the order of controls and repeats.
    """
    if study.state != Study.State.OPEN:
        raise studies.StudyClosed(
            f"The study {study.title} is {study.state}; ratings are taken while it is "
            "open. Please choose another study."
        )
    with transaction.atomic():
        studies.fill(study)
        participant, token = participants.enroll(
            Participant.Role.RATER,
            text=study.consent_text,
            persons=1,
            now=now,
            is_simulated=is_simulated,
        )
        session = Session.objects.create(
            study=study,
            participant=participant,
            running_order=running_order.draw(study, rng=rng or SystemRandom()),
            started_at=now,
        )
        session.contributors.set(Participant.objects.filter(pk__in=contributors))
    return session, token


def by_link(token: str) -> Session | None:
    """The session whose private link holds `token`."""
    rater = participants.by_link(token, Participant.Role.RATER)
    sessions = Session.objects.select_related("study", "participant", "stamp")
    return sessions.filter(participant=rater).first() if rater else None


@transaction.atomic
def next_for(session: Session, *, now: datetime, rng: Random) -> Assignment | None:
    """What the rater hears now: the item under way, or a new lease.

    None when the session is finished, or the study is paused. A session ends with
    enough items, or when nothing is left for this rater.
    """
    # One rater of a study at a time: two must not see the same item as least filled.
    study = Study.objects.select_for_update(no_key=True).get(pk=session.study_id)
    session.refresh_from_db(fields=["finished_at", "stamp"])
    Assignment.objects.filter(session__study=study).expire(now=now)
    if session.finished_at:
        return None
    if under_way := session.assignments.exclude(state=Assignment.State.SUBMITTED):
        return _renewed(under_way[0], now=now)
    if study.state == Study.State.PAUSED:
        return None
    given = None
    if study.state == Study.State.OPEN:
        given = _lease_next(session, now=now, rng=rng)
    if given is None:
        _finish(session, now=now)
    return given


def order_of(session: Session) -> list[str]:
    """What comes at each position: an item, a control or a repeat."""
    plain = [running_order.ITEM] * session.study.items_per_session
    return list(session.running_order) or plain


def _lease_next(session: Session, *, now: datetime, rng: Random) -> Assignment | None:
    """What the running order says; an item where no control or repeat is left."""
    order, done = order_of(session), session.assignments.count()
    if done >= len(order):
        return None
    if order[done] == running_order.CONTROL:
        control = controls.choose(session, rng=rng)
        if control:
            return _lease(session, control=control, now=now, rng=rng)
    if order[done] == running_order.REPEAT:
        again = allocation.repeat(session, rng=rng)
        if again:
            return _lease(session, item=again, is_repeat=True, now=now, rng=rng)
    item = allocation.next_item(session, now=now, rng=rng)
    return _lease(session, item=item, now=now, rng=rng) if item else None


def _renewed(assignment: Assignment, *, now: datetime) -> Assignment:
    """The same item once more for a rater who comes back after the lease."""
    if assignment.state == Assignment.State.EXPIRED:
        assignment.state = Assignment.State.LEASED
        assignment.leased_at, assignment.lease_until = now, now + _lease_time()
        assignment.save(update_fields=["state", "leased_at", "lease_until"])
        assignment.plays.update(served_at=None)
    return assignment


def _lease(
    session: Session,
    *,
    now: datetime,
    rng: Random,
    item: Item | None = None,
    control: Control | None = None,
    is_repeat: bool = False,
) -> Assignment:
    last = session.assignments.aggregate(last=Max("position"))["last"] or 0
    assignment = Assignment.objects.create(
        session=session,
        item=item,
        control=control,
        is_repeat=is_repeat,
        position=last + 1,
        leased_at=now,
        lease_until=now + _lease_time(),
    )
    estimates = list(item.run.estimates.order_by("source")) if item else []
    known = list(control.sounds.all()) if control else []
    sources: list[dict[str, Any]] = [{"estimate": one} for one in estimates]
    sources += [{"control_sound": one} for one in known]
    rng.shuffle(sources)
    Play.objects.bulk_create(
        Play(
            assignment=assignment,
            position=position,
            key=secrets.token_urlsafe(16),
            **source,
        )
        for position, source in enumerate([{}, *sources])
    )
    return assignment


def _lease_time() -> timedelta:
    return timedelta(seconds=settings.ASSIGNMENT_LEASE_SECONDS)


@transaction.atomic
def submit(
    assignment: Assignment, scores: Mapping[int, int], *, now: datetime
) -> Session:
    """Take one score per source and finish the session when it has enough.

    A rater who sends after the lease is taken too: the work was done.

    Args:
        scores: 1 to 5 by position of the source as shown: 1, 2, ...
    """
    locked = Assignment.objects.select_for_update(of=("self",)).select_related(
        "session__study", "session__participant", "item__run__mixture", "control"
    )
    assignment = locked.get(pk=assignment.pk)
    if assignment.state == Assignment.State.SUBMITTED:
        raise AlreadySubmitted(
            "These scores were sent before and are stored once. Please go on with the "
            "next sounds."
        )
    plays = list(assignment.plays.all())
    _check_scores(plays, scores)
    _check_heard(assignment, plays, now=now)
    _keep(assignment, plays, scores, now=now)
    assignment.state, assignment.submitted_at = Assignment.State.SUBMITTED, now
    assignment.save(update_fields=["state", "submitted_at"])
    session = assignment.session
    if submitted_in(session) >= len(order_of(session)):
        _finish(session, now=now)
    return session


def _keep(
    assignment: Assignment,
    plays: list[Play],
    scores: Mapping[int, int],
    *,
    now: datetime,
) -> None:
    Rating.objects.bulk_create(
        Rating(
            assignment=assignment,
            estimate=play.estimate,
            score=scores[play.position],
            created_at=now,
        )
        for play in plays
        if play.estimate
    )
    ControlAnswer.objects.bulk_create(
        ControlAnswer(
            assignment=assignment,
            sound=play.control_sound,
            score=scores[play.position],
            created_at=now,
        )
        for play in plays
        if play.control_sound
    )


def _check_scores(plays: list[Play], scores: Mapping[int, int]) -> None:
    sources = {play.position for play in plays if play.position}
    given = {position for position in sources if scores.get(position) in SCORES}
    if given != sources or set(scores) != sources:
        raise SubmissionRefused(
            f"{len(given)} of {len(sources)} sources have a score from 1 to 5; each "
            "needs one. Please score every source, then send again."
        )


def _check_heard(assignment: Assignment, plays: list[Play], *, now: datetime) -> None:
    served = sorted(play.served_at for play in plays if play.served_at)
    if len(served) < len(plays):
        raise HeardTooLittle(
            f"{len(plays) - len(served)} of {len(plays)} sounds were not played; each "
            "must be heard to its end. Please play all of them, then send again."
        )
    if now < earliest(served, seconds=assignment.seconds):
        gone = (now - max(assignment.leased_at, served[0])).total_seconds()
        needed = assignment.seconds * len(plays)
        raise HeardTooLittle(
            f"Your scores came after {gone:.0f} s, but the {len(plays)} sounds last "
            f"{needed:.0f} s together. Please hear each to its end, then send again."
        )


def earliest(served: Sequence[datetime], *, seconds: float) -> datetime:
    """When sounds fetched at these times can all have been heard, one by one.

    A sound cannot be heard before it was fetched, nor two at once, so after each
    fetch at least the sounds from there on must pass.
    """
    left = range(len(served), 0, -1)
    ends = (
        at + timedelta(seconds=seconds * sounds)
        for at, sounds in zip(sorted(served), left, strict=True)
    )
    return max(ends)


def submitted_in(session: Session) -> int:
    """How many items of the session have been rated."""
    return session.assignments.filter(state=Assignment.State.SUBMITTED).count()


def _finish(session: Session, *, now: datetime) -> None:
    """End the session; a person who rated anything gets a stamp, a simulation none."""
    if session.finished_at:
        return
    if submitted_in(session) and not session.participant.is_simulated:
        session.stamp = stamps.issue(
            session.participant, subject=f"rating:{session.pk}", now=now
        )
    session.finished_at = now
    session.save(update_fields=["stamp", "finished_at"])
