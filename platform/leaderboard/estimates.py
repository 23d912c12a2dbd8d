"""Every estimate of a campaign with its scores, read in two queries."""

from dataclasses import dataclass

from recordings.models import Campaign
from separation.models import Estimate, Estimator, Prediction, Run

FLOOR_DB = -30.0  # what an estimate without output counts as; engine.py measures so too
LIMIT_DB = 0.05  # a prediction this close to a limit of the estimator is at it


@dataclass(frozen=True)
class ScoredEstimate:
    estimate_id: int
    separator_id: int
    mixture_id: int
    run_id: int
    mixture: str
    source: int
    is_silent: bool
    predicted_si_snr_db: float | None  # the floor if silent
    is_at_limit: bool
    measured_si_snr_db: float | None
    improvement_db: float | None  # SI-SNRi: over the mixture itself
    mixture_seconds: float
    separation_seconds: float | None


def default_estimator() -> Estimator | None:
    """The estimator the board shows: the active one registered last."""
    return Estimator.objects.filter(is_active=True).order_by("pk").last()


def scored(campaign: Campaign, estimator: Estimator | None) -> list[ScoredEstimate]:
    """Of finished runs of the separators' current revisions, oldest run first."""
    runs = Run.objects.current().filter(
        state=Run.State.DONE, mixture__campaign=campaign
    )
    predictions = Prediction.objects.filter(
        estimate__run__mixture__campaign=campaign, estimator=estimator
    )
    predicted = dict(predictions.values_list("estimate_id", "predicted_si_snr_db"))
    rows = (
        Estimate.objects.filter(run__in=runs)
        .select_related("run", "run__mixture")
        .order_by("run_id", "source")
    )
    floor = FLOOR_DB if predicted else None  # else nothing was scored yet
    return [
        _scored(row, floor if row.is_silent else predicted.get(row.pk), estimator)
        for row in rows
    ]


def _scored(
    row: Estimate, predicted: float | None, estimator: Estimator | None
) -> ScoredEstimate:
    return ScoredEstimate(
        estimate_id=row.pk,
        separator_id=row.run.separator_id,
        mixture_id=row.run.mixture_id,
        run_id=row.run_id,
        mixture=row.run.mixture.slug,
        source=row.source,
        is_silent=row.is_silent,
        predicted_si_snr_db=predicted,
        is_at_limit=not row.is_silent and _is_at_limit(predicted, estimator),
        measured_si_snr_db=row.measured_si_snr_db,
        improvement_db=_difference(row.measured_si_snr_db, row.mixture_si_snr_db),
        mixture_seconds=row.run.mixture.seconds,
        separation_seconds=row.run.separation_seconds,
    )


def _difference(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _is_at_limit(predicted: float | None, estimator: Estimator | None) -> bool:
    if predicted is None or estimator is None:
        return False
    low, high = estimator.low_db + LIMIT_DB, estimator.high_db - LIMIT_DB
    return not low < predicted < high
