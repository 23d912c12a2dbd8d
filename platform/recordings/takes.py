"""Leasing two prompts to a session: the least used first, none twice."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from recordings.models import Prompt, Session, Take

Chance = random.Random


def lease(
    session: Session,
    *,
    lease: timedelta,
    now: datetime,
    chance: Chance | None = None,
) -> Take | None:
    """The take the session has to record next; None when there is nothing to do.

    Asked again before it is recorded, the same take with a fresh lease.
    """
    with transaction.atomic():
        # Two tabs of one pair get the same take: the second waits here.
        session = Session.objects.select_for_update().get(pk=session.pk)
        expire(now=now, keep=session)
        if is_finished(session):
            return None
        take = session.takes.filter(state=Take.State.LEASED).first()
        if take is None:
            take = _new(session, now + lease, chance or random.SystemRandom())
        elif take.lease_until < now + lease:
            take.lease_until = now + lease
            take.save(update_fields=["lease_until"])
    return take


def expire(*, now: datetime, keep: Session | None = None) -> int:
    """Give back the prompts of forgotten takes, except those of `keep`."""
    forgotten = Take.objects.filter(state=Take.State.LEASED, lease_until__lte=now)
    if keep is not None:
        forgotten = forgotten.exclude(session=keep)
    return forgotten.update(state=Take.State.EXPIRED)


def was_given_away(take: Take) -> bool:
    """Whether its lease expired and one of its prompts went to a later take."""
    prompts = [take.prompt_1_id, take.prompt_2_id]
    return (
        take.state == Take.State.EXPIRED
        and Take.objects.filter(
            Q(prompt_1__in=prompts)
            | Q(prompt_2__in=prompts)
            | Q(session=take.session_id),
            pk__gt=take.pk,
        ).exists()
    )


def is_finished(session: Session) -> bool:
    """Whether it has recorded all that it may, or its campaign was closed."""
    done = session.takes.filter(state=Take.State.RECORDED).count()
    return done >= session.campaign.takes_per_session or not session.campaign.is_open


def _new(session: Session, lease_until: datetime, chance: Chance) -> Take | None:
    prompts = _least_used(session, chance)[:2]
    if len(prompts) < 2:
        return None
    last = session.takes.order_by("-number").values_list("number", flat=True).first()
    return Take.objects.create(
        session=session,
        number=(last or 0) + 1,
        prompt_1=prompts[0],
        prompt_2=prompts[1],
        lease_until=lease_until,
    )


def _least_used(session: Session, chance: Chance) -> list[Prompt]:
    """Prompts new to this session; equally used ones in random order."""
    seen: set[int] = set()
    for pair in session.takes.values_list("prompt_1", "prompt_2"):
        seen.update(pair)
    uses = (
        Take.objects.filter(Q(prompt_1=OuterRef("pk")) | Q(prompt_2=OuterRef("pk")))
        .exclude(state=Take.State.EXPIRED)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(uses=Count("pk"))
        .values("uses")
    )
    prompts = list(
        session.campaign.prompts.exclude(pk__in=seen)
        .annotate(used=Coalesce(Subquery(uses, IntegerField()), 0))
        .order_by("used", "pk")
    )
    # `used` is an annotation, unknown to the model's type.
    return sorted(prompts, key=lambda prompt: (prompt.used, chance.random()))  # type: ignore[attr-defined]
