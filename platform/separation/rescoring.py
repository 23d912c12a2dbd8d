"""Scores by an estimator that came after the run: of stored estimates, in batches."""

from collections.abc import Callable
from dataclasses import replace

from django.db.models import Count, Exists, OuterRef

from separation import sounds
from separation.exchange import Input, PredictedScore, Samples
from separation.models import Estimate, Estimator, Prediction, Run, RunQuerySet

# A mixture, its estimates; one list of scores for each estimate
Predict = Callable[[Input, list[Samples]], list[list[PredictedScore]]]
BATCH = 25  # runs of one task: seconds on a CPU, so others get their turn


def lacking(estimator: Estimator) -> RunQuerySet:
    """Finished runs that this estimator could score and has not."""
    scored = Prediction.objects.filter(
        estimate__run=OuterRef("pk"), estimator=estimator
    )
    heard = (
        Estimate.objects.filter(run=OuterRef("pk"), is_silent=False)
        .order_by()
        .values("run")
        .annotate(number=Count("pk"))
        .filter(number__gte=2)  # an estimator compares at least two
    )
    done = Run.objects.current().filter(state=Run.State.DONE)
    return done.filter(Exists(heard), ~Exists(scored)).order_by("pk")


def is_needed() -> bool:
    return any(lacking(estimator).exists() for estimator in _active())


def predict_missing(predict: Predict, *, limit: int = BATCH) -> int:
    """Score up to `limit` runs; how many. Safe to call twice at the same time."""
    number = 0
    for estimator in _active():
        runs = lacking(estimator).select_related("mixture", "separator")
        for run in runs[: limit - number]:
            _score(run, estimator, predict)
            number += 1
    return number


def _score(run: Run, estimator: Estimator, predict: Predict) -> None:
    rows = [row for row in run.estimates.all() if not row.is_silent]
    given = replace(sounds.load(run), estimators={estimator.name: estimator.revision})
    scores = predict(given, [sounds.samples(row) for row in rows])
    sounds.save_predictions(rows, scores)


def _active() -> list[Estimator]:
    return list(Estimator.objects.filter(is_active=True).order_by("pk"))
