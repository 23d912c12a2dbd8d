"""Keeps the rows of separators and estimators in step with what is installed."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F

from separation.exchange import EstimatorInfo, SeparatorInfo
from separation.models import Estimator, Run, Separator


@transaction.atomic
def sync(
    separators: list[SeparatorInfo], estimators: list[EstimatorInfo], *, now: datetime
) -> list[str]:
    """Update the rows; returns a line for each change, for whoever asked.

    A shipped separator is active from the start, a published one once staff say so;
    one without weights here, or not installed any more, is deactivated.
    Runs still queued for an earlier revision are cancelled: it cannot be had any more.
    """
    changes = [line for info in separators if (line := _separator(info))]
    changes += [line for info in estimators if (line := _estimator(info))]
    usable = [info.name for info in separators if info.has_weights]
    for gone in Separator.objects.filter(is_active=True).exclude(name__in=usable):
        Separator.objects.filter(pk=gone.pk).update(is_active=False)
        changes.append(f"{gone.name} has no weights here: deactivated")
    _cancel_outdated(now=now)
    return changes


def _separator(info: SeparatorInfo) -> str | None:
    fields = asdict(info)
    is_default, has_weights = fields.pop("is_default"), fields.pop("has_weights")
    row = Separator.objects.filter(name=info.name).first()
    Separator.objects.update_or_create(
        name=info.name,
        defaults=fields,
        create_defaults={**fields, "is_active": is_default and has_weights},
    )
    if row is None:
        if not has_weights:
            return f"{info.name}: known, its weights are not on this machine"
        return f"{info.name} {info.revision[:12]}: new"
    if row.revision != info.revision:
        return f"{info.name} {row.revision[:12]} is now {info.revision[:12]}"
    return None


def _estimator(info: EstimatorInfo) -> str | None:
    """A row per revision, since predictions of different revisions never mix."""
    limits = {"low_db": info.low_db, "high_db": info.high_db, "is_active": True}
    _, is_new = Estimator.objects.update_or_create(
        name=info.name, revision=info.revision, defaults=limits
    )
    others = Estimator.objects.filter(name=info.name, is_active=True)
    others.exclude(revision=info.revision).update(is_active=False)
    return f"estimator {info.name} {info.revision[:12]}: new" if is_new else None


def _cancel_outdated(*, now: datetime) -> None:
    outdated = Run.objects.queued().exclude(separator_revision=F("separator__revision"))
    Run.objects.filter(pk__in=outdated.values("pk")).update(
        state=Run.State.CANCELLED,
        finished_at=now,
        failure="The separator has a newer revision, which has a run of its own.",
    )
