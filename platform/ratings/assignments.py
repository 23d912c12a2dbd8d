"""Giving items to raters under a lease, and taking their scores."""

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Q

from people import participants
from people.models import Participant
from ratings import studies
from ratings.models import Assignment, Item, Play, Rating, Session, Study
from recordings import stamps

SCORES = range(1, 6)


class SubmissionRefused(Exception):
    """The scores cannot be taken as they are; the message is shown to the rater."""


class AlreadySubmitted(SubmissionRefused):
    """These scores were taken before; nothing was changed."""


class HeardTooLittle(SubmissionRefused):
    """A sound was not played, or less time passed than the sounds last."""


def enroll(
    study: Study, *, now: datetime, is_simulated: bool = False
) -> tuple[Session, str]:
    """A new rater in an open study, and the secret of the private link."""
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
            study=study, participant=participant, started_at=now
        )
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
    Assignment.objects.filter(item__study=study).expire(now=now)
    if session.finished_at:
        return None
    if under_way := session.assignments.exclude(state=Assignment.State.SUBMITTED):
        return _renewed(under_way[0], now=now)
    if study.state == Study.State.PAUSED:
        return None
    done = session.assignments.count()
    is_wanted = study.state == Study.State.OPEN and done < study.items_per_session
    item = _least_filled(session, now=now, rng=rng) if is_wanted else None
    if item is None:
        _finish(session, now=now)
        return None
    return _lease(session, item, now=now, rng=rng)


def _renewed(assignment: Assignment, *, now: datetime) -> Assignment:
    """The same item once more for a rater who comes back after the lease."""
    if assignment.state == Assignment.State.EXPIRED:
        assignment.state = Assignment.State.LEASED
        assignment.leased_at, assignment.lease_until = now, now + _lease_time()
        assignment.save(update_fields=["state", "leased_at", "lease_until"])
        assignment.plays.update(served_at=None)
    return assignment


def _least_filled(session: Session, *, now: datetime, rng: Random) -> Item | None:
    """An item new to this rater with the fewest ratings, live leases included.

    Among equals: the separator and the mixture this rater has met least.
    Simulated raters and people are counted apart.
    """
    study = session.study
    is_filled = Q(assignments__state=Assignment.State.SUBMITTED) | Q(
        assignments__state=Assignment.State.LEASED, assignments__lease_until__gt=now
    )
    is_alike = Q(
        assignments__session__participant__is_simulated=session.participant.is_simulated
    )
    items = list(
        study.items.exclude(assignments__session=session)
        .annotate(filled=Count("assignments", filter=is_filled & is_alike))
        .filter(filled__lt=study.ratings_per_estimate)
        .select_related("run")
        .order_by("pk")
    )
    met = session.assignments.values_list(
        "item__run__separator_id", "item__run__mixture_id"
    )
    separators = Counter(separator for separator, _ in met)
    mixtures = Counter(mixture for _, mixture in met)
    rng.shuffle(items)
    return min(
        items,
        key=lambda item: (
            getattr(item, "filled", 0),
            separators[item.run.separator_id],
            mixtures[item.run.mixture_id],
        ),
        default=None,
    )


def _lease(session: Session, item: Item, *, now: datetime, rng: Random) -> Assignment:
    last = session.assignments.aggregate(last=Max("position"))["last"] or 0
    assignment = Assignment.objects.create(
        session=session,
        item=item,
        position=last + 1,
        leased_at=now,
        lease_until=now + _lease_time(),
    )
    estimates = list(item.run.estimates.order_by("source"))
    rng.shuffle(estimates)
    Play.objects.bulk_create(
        Play(
            assignment=assignment,
            estimate=estimate,
            position=position,
            key=secrets.token_urlsafe(16),
        )
        for position, estimate in enumerate([None, *estimates])
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
        "session__study", "session__participant", "item__run__mixture"
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
    assignment.state, assignment.submitted_at = Assignment.State.SUBMITTED, now
    assignment.save(update_fields=["state", "submitted_at"])
    session = assignment.session
    if submitted_in(session) >= session.study.items_per_session:
        _finish(session, now=now)
    return session


def _check_scores(plays: list[Play], scores: Mapping[int, int]) -> None:
    sources = {play.position for play in plays if play.estimate_id}
    given = {position for position in sources if scores.get(position) in SCORES}
    if given != sources or set(scores) != sources:
        raise SubmissionRefused(
            f"{len(given)} of {len(sources)} sources have a score from 1 to 5; each "
            "needs one. Please score every source, then send again."
        )


def _check_heard(assignment: Assignment, plays: list[Play], *, now: datetime) -> None:
    unheard = [play for play in plays if play.served_at is None]
    if unheard:
        raise HeardTooLittle(
            f"{len(unheard)} of {len(plays)} sounds were not played; each must be "
            "heard to its end. Please play all of them, then send again."
        )
    seconds = (now - assignment.leased_at).total_seconds()
    needed = assignment.item.run.mixture.seconds * len(plays)
    if seconds < needed:
        raise HeardTooLittle(
            f"Your scores came after {seconds:.0f} s, but the {len(plays)} sounds last "
            f"{needed:.0f} s together. Please hear each to its end, then send again."
        )


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
