"""The life of an inspection: created, claimed, finished, healed (inspection/README.md).

As with runs, rows are the truth: the broker carries wake-ups, which may come twice or
never, and the sweep finds what was forgotten.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from recordings import audio, duplicates, objects, verdicts
from recordings.inspection.evidence import Report, Verdict
from recordings.inspection.limits import VERSION
from recordings.models import (
    INSPECTION_ATTEMPTS,
    Inspection,
    InspectionQuerySet,
    Mixture,
)

Clock = Callable[[], datetime]
State = Inspection.State
LEASE = timedelta(minutes=5)  # a look takes seconds; a crowded machine is slow
PATIENCE = timedelta(minutes=2)  # then a wake-up is sent again
VERDICTS = {
    Verdict.OK: Mixture.Verdict.ACCEPT,
    Verdict.REVIEW: Mixture.Verdict.REVIEW,
    Verdict.REFUSE: Mixture.Verdict.REFUSE,
}
NOT_POSSIBLE = "The automatic inspection did not come to an end; a person listens."
PROCESSING = {"raw": "off", "partial": "on"}  # words of newer recorders


def enqueue_missing(*, now: datetime) -> int:
    """An inspection for each real mixture that this version has not seen yet."""
    known = Inspection.objects.filter(mixture=OuterRef("pk"), version=VERSION)
    new = Mixture.objects.filter(~Exists(known), kind=Mixture.Kind.REAL)
    rows = [
        Inspection(mixture=mixture, version=VERSION, queued_at=now)
        for mixture in new.order_by("created_at", "pk").only("pk")
    ]
    Inspection.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def again(mixture: Mixture, *, now: datetime) -> Inspection:
    """Queue a mixture anew, whatever became of it; a person's verdict stays."""
    inspection, _ = Inspection.objects.get_or_create(
        mixture=mixture, version=VERSION, defaults={"queued_at": now}
    )
    Inspection.objects.filter(pk=inspection.pk).exclude(state=State.RUNNING).update(
        state=State.QUEUED,
        attempts_allowed=F("attempt") + INSPECTION_ATTEMPTS,
        announced_at=None,
        queued_at=now,
    )
    inspection.refresh_from_db()
    return inspection


def sweep(*, now: datetime) -> int:
    """Create what is missing, end what was left, wake workers; returns wake-ups."""
    enqueue_missing(now=now)
    for inspection in Inspection.objects.expired(now=now):
        if inspection.attempt >= inspection.attempts_allowed:
            _give_up(inspection, "The worker stopped in each attempt.", now=now)
    waiting = Inspection.objects.claimable(now=now).filter(
        Q(announced_at=None) | Q(announced_at__lt=now - PATIENCE)
    )
    return _announce(waiting, now=now)


def _announce(waiting: InspectionQuerySet, *, now: datetime) -> int:
    with transaction.atomic():
        ids = list(waiting.order_by("queued_at", "pk").values_list("pk", flat=True))
        Inspection.objects.filter(pk__in=ids).update(announced_at=now)
        # robust: a broker out of reach is logged, and a later sweep tries again
        transaction.on_commit(lambda: _publish(ids), robust=True)
    return len(ids)


def _publish(ids: list[int]) -> None:
    from recordings.tasks import inspect_mixture  # imports this module

    for pk in ids:
        inspect_mixture.delay(pk)


def execute(inspection_id: int, *, clock: Clock = timezone.now) -> None:
    """Inspect one mixture and store the evidence with the verdict.

    Safe to call twice or too late: only who claims the row works, and only the
    attempt that still holds it writes.
    """
    inspection = _claim(inspection_id, now=clock())
    if inspection is None:
        return
    began = perf_counter()
    try:
        report, landmarks, duplicate = _look(inspection.mixture)
    except Exception as trouble:
        _fail(inspection, f"{type(trouble).__name__}: {trouble}", now=clock())
        raise
    with transaction.atomic():
        is_ours = _close(
            inspection,
            now=clock(),
            state=State.DONE,
            verdict=VERDICTS[report.verdict],
            reasons=report.reasons,
            checks=[check.as_row() for check in report.checks],
            details=report.details,
            duplicate_of_id=duplicate,
            seconds=round(perf_counter() - began, 2),
        )
        if is_ours:
            duplicates.keep(inspection.mixture, landmarks)


def _claim(inspection_id: int, *, now: datetime) -> Inspection | None:
    """The row, ours for the lease; None if another has it or nothing is to do."""
    claimed = (
        Inspection.objects.claimable(now=now)
        .filter(pk=inspection_id)
        .update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            lease_until=now + LEASE,
            failure="",
        )
    )
    if claimed != 1:
        return None
    rows = Inspection.objects.select_related("mixture__campaign", "mixture__take")
    return rows.get(pk=inspection_id)


def _close(inspection: Inspection, *, now: datetime, **fields: Any) -> bool:
    """End this attempt, and let the mixture follow; false if it is not ours."""
    mine = Inspection.objects.filter(
        pk=inspection.pk, attempt=inspection.attempt, state=State.RUNNING
    )
    with transaction.atomic():
        if not mine.update(finished_at=now, lease_until=None, **fields):
            return False
        inspection.refresh_from_db()
        verdicts.follow(inspection, now=now)
    return True


def _fail(inspection: Inspection, reason: str, *, now: datetime) -> None:
    """Try once more at the next sweep, or leave it to a person."""
    if inspection.attempt >= inspection.attempts_allowed:
        _give_up(inspection, reason, now=now)
        return
    Inspection.objects.filter(
        pk=inspection.pk, attempt=inspection.attempt, state=State.RUNNING
    ).update(state=State.QUEUED, failure=reason, announced_at=None, lease_until=None)


def _give_up(inspection: Inspection, reason: str, *, now: datetime) -> None:
    _close(
        inspection,
        now=now,
        state=State.FAILED,
        failure=inspection.failure or reason,
        verdict=Mixture.Verdict.REVIEW,
        reasons=[NOT_POSSIBLE],
    )


def _look(mixture: Mixture) -> tuple[Report, duplicates.Landmarks, int | None]:
    from recordings.inspection import fingerprint, mel  # scipy and networks: only
    from recordings.inspection.examine import Take, examine  # in a worker

    sound = audio.decode(objects.read(str(mixture.audio)))
    samples = sound.mono()
    landmarks = fingerprint.landmarks(mel.resample(samples, sound.sample_rate))
    duplicate = duplicates.find(mixture, landmarks)
    told = str(mixture.capture.get("processing", "unknown"))
    file = mixture.capture.get("file") or {}
    take = Take(
        samples,
        sound.sample_rate,
        sentences=_sentences(mixture),
        language=mixture.campaign.language,
        processing=PROCESSING.get(told, told),
        demands_raw=mixture.campaign.demands_raw,
        min_overlap=mixture.campaign.min_overlap,
        clipped_share=float(file.get("clipped_share", 0)),
        duplicate_share=duplicate.share,
    )
    report = examine(take)
    is_same = report.of("duplicate").verdict != Verdict.OK
    return report, landmarks, duplicate.mixture if is_same else None


def _sentences(mixture: Mixture) -> list[str]:
    take = getattr(mixture, "take", None)
    return [take.prompt_1.text, take.prompt_2.text] if take else []
