"""The life of a run: created, claimed, kept alive, finished, healed (README.md)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from recordings.models import Campaign, Mixture
from separation import rescoring, sounds, wakeups
from separation.exchange import Outcome, Separate, SeparationRefused
from separation.heartbeat import beating
from separation.models import ATTEMPTS, Run, RunQuerySet, Separator

Clock = Callable[[], datetime]
State = Run.State
LEASE = timedelta(seconds=20)
SPEAKERS = 2  # of every mixture; a separator for another number has nothing to do
RESCORING_SECONDS = 60  # after that the next sweep asks anyway


class NotPossible(Exception):
    """What staff asked for does not fit the state of the run; the message says why."""


def enqueue_missing(*, now: datetime) -> int:
    """Create and announce a run for each active separator and mixture without one.

    Asks the database what is missing, so it may be called at any time and repairs
    whatever was lost; returns how many runs it announced.
    """
    for separator in Separator.objects.filter(is_active=True, sources=SPEAKERS):
        Run.objects.bulk_create(
            _missing(separator, now=now), batch_size=500, ignore_conflicts=True
        )
    return wakeups.send(Run.objects.queued().filter(announced_at=None), now=now)


def _missing(separator: Separator, *, now: datetime) -> list[Run]:
    known = Run.objects.filter(
        mixture=OuterRef("pk"),
        separator=separator,
        separator_revision=separator.revision,
    )
    mixtures = Mixture.objects.accepted().filter(~Exists(known)).only("pk", "sha256")
    return [
        Run(
            mixture=mixture,
            separator=separator,
            separator_revision=separator.revision,
            input_sha256=input_sha256(mixture, separator),
            queued_at=now,
        )
        for mixture in mixtures.order_by("created_at", "pk")
    ]


def input_sha256(mixture: Mixture, separator: Separator) -> str:
    return sha256(f"{mixture.sha256}\n{separator.revision}".encode()).hexdigest()


def execute(
    run_id: int,
    *,
    separate: Separate,
    clock: Clock = timezone.now,
    worker: str = "",
    lease: timedelta = LEASE,
) -> None:
    """Run one separator on one mixture and store its estimates.

    Safe to call twice or too late: only the caller that claims the run does the work,
    and only the attempt that still holds the lease writes.
    """
    run = Run.objects.select_related("mixture", "separator").filter(pk=run_id).first()
    if run is None or not run.claim(worker=worker, lease=lease, now=clock()):
        return
    every = lease.total_seconds() / 3
    with beating(lambda: run.heartbeat(lease=lease, now=clock()), every=every) as lost:
        try:
            outcome = separate(sounds.load(run))
            if not lost.is_set():
                _finish(run, outcome, now=clock())
        except Exception as trouble:
            _fail(run, _reason(trouble), now=clock())
            raise
        finally:
            _acknowledge_cancel(run, now=clock())


def _finish(run: Run, outcome: Outcome, *, now: datetime) -> None:
    estimates = sounds.store(run, outcome)
    with transaction.atomic():
        is_ours = run.close(
            State.DONE,
            now=now,
            separation_seconds=outcome.seconds,
            device=outcome.device,
        )
        if is_ours:
            sounds.save(estimates, outcome)


def _fail(run: Run, reason: str, *, now: datetime) -> None:
    """Queue the run once more, or give up if this was the last attempt."""
    if run.attempt >= run.attempts_allowed:
        run.close(State.FAILED, now=now, failure=reason)
    elif run.close(State.QUEUED, now=now, failure=reason, **_waiting(now)):
        wakeups.send(Run.objects.queued().filter(pk=run.pk), now=now)


def _reason(trouble: Exception) -> str:
    """What staff read: our own words as they are, a machine's with their kind."""
    if isinstance(trouble, SeparationRefused):
        return str(trouble)
    return f"The separation stopped with {type(trouble).__name__}: {trouble}"


def _acknowledge_cancel(run: Run, *, now: datetime) -> None:
    mine = Run.objects.filter(pk=run.pk, attempt=run.attempt, state=State.RUNNING)
    mine.filter(cancel_requested=True).update(**_cancelled(now))


def sweep(*, now: datetime) -> int:
    """Repair whatever a lost worker or a lost message left; returns wake-ups sent."""
    Run.objects.expired(now=now).filter(cancel_requested=True).update(**_cancelled(now))
    for run in Run.objects.expired(now=now):
        _take_back(run, now=now)
    if rescoring.is_needed():
        wakeups.send_rescoring(expires=RESCORING_SECONDS)
    created = enqueue_missing(now=now)
    return created + wakeups.send(wakeups.forgotten(now=now), now=now)


def _take_back(run: Run, *, now: datetime) -> None:
    """End an attempt whose lease expired, unless somebody claimed it meanwhile."""
    reason = (
        f"The worker {run.worker} stopped answering at {run.lease_until:%Y-%m-%d %H:%M}"
        f" UTC, in attempt {run.attempt} of {run.attempts_allowed}."
    )
    still = Run.objects.expired(now=now).filter(pk=run.pk, attempt=run.attempt)
    if run.attempt < run.attempts_allowed:
        still.update(state=State.QUEUED, failure=reason, **_waiting(now))
    else:
        remedy = " Often memory ran out: read its log, then try again."
        still.update(
            state=State.FAILED,
            failure=reason + remedy,
            finished_at=now,
            lease_until=None,
        )


def cancel(run: Run, *, now: datetime) -> None:
    """Cancel a queued run at once; ask the worker of a running one to stop."""
    same = Run.objects.filter(pk=run.pk)
    if same.queued().update(**_cancelled(now)):
        return
    if not same.filter(state=State.RUNNING).update(cancel_requested=True):
        raise NotPossible(
            "Only a queued or running run can be cancelled; this one has ended."
        )


def retry(run: Run, *, now: datetime) -> None:
    """Queue a failed or cancelled run again, with new attempts."""
    ended = Run.objects.filter(pk=run.pk, state__in=[State.FAILED, State.CANCELLED])
    with transaction.atomic():
        queued = ended.update(
            state=State.QUEUED,
            attempts_allowed=F("attempt") + ATTEMPTS,
            cancel_requested=False,
            failure="",
            **_waiting(now),
        )
        if not queued:
            raise NotPossible(
                "Only a failed or cancelled run can be tried again; this one is "
                "waiting, running or done."
            )
        wakeups.send(Run.objects.queued().filter(pk=run.pk), now=now)


def counts(campaign: Campaign | None = None) -> dict[str, int]:
    """How many runs are in each state; states without runs are there with 0."""
    runs = Run.objects.filter(mixture__campaign=campaign) if campaign else Run.objects
    found = runs.values_list("state").annotate(number=Count("pk")).order_by()
    return {state.value: 0 for state in State} | dict(found)


def listed(state: str = "") -> RunQuerySet:
    """Runs as staff want them: the latest change first."""
    runs = Run.objects.select_related("mixture__campaign", "separator")
    chosen = runs.filter(state=state) if state else runs.all()
    latest = Greatest("queued_at", Coalesce("finished_at", "started_at", "queued_at"))
    return chosen.order_by(latest.desc(), "-pk")


def _waiting(now: datetime) -> dict[str, Any]:
    return {
        "queued_at": now,
        "announced_at": None,
        "finished_at": None,
        "lease_until": None,
    }


def _cancelled(now: datetime) -> dict[str, Any]:
    return {"state": State.CANCELLED, "finished_at": now, "lease_until": None}
