"""Wake-ups: messages that tell a worker to look at a run; they may get lost."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value

from separation.models import Run, RunQuerySet

PATIENCE = timedelta(minutes=1)  # doubled with every further wake-up of one run


def send(runs: RunQuerySet, *, now: datetime) -> int:
    """Announce these runs to the broker after the commit, and note it on the rows."""
    with transaction.atomic():
        ids = list(runs.order_by("queued_at", "pk").values_list("pk", flat=True))
        Run.objects.filter(pk__in=ids).update(announced_at=now)
        # robust: a broker out of reach is logged, and the next sweep tries again
        transaction.on_commit(lambda: _publish(ids), robust=True)
    return len(ids)


def _publish(ids: list[int]) -> None:
    from separation.tasks import run_separation  # imports runs, which imports us

    for pk in ids:
        run_separation.delay(pk)


def send_rescoring(*, expires: float) -> None:
    """Ask a worker for the scores that finished runs lack; dropped if not taken soon.

    Every sweep asks again, so a lost message costs one period.
    """
    from separation.tasks import predict_missing  # imports runs, which imports us

    transaction.on_commit(
        lambda: predict_missing.apply_async(expires=expires), robust=True
    )


def forgotten(*, now: datetime) -> RunQuerySet:
    """Queued runs never announced, or so long ago that the message may be lost.

    The gap between wake-ups doubles, so a long queue does not flood the broker.
    """
    doubled = ExpressionWrapper(
        F("announced_at") + (F("announced_at") - F("queued_at")),
        output_field=DateTimeField(),
    )
    silence = Q(announced_at__lt=now - PATIENCE, next_at__lte=Value(now))
    return (
        Run.objects.queued()
        .annotate(next_at=doubled)
        .filter(Q(announced_at=None) | silence)
    )
