"""A new revision of the estimator scores what was separated before it came."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from separation import rescoring, runs, sounds, tasks
from separation.exchange import Input, PredictedScore, Samples
from separation.models import Estimate, Estimator, Prediction, Run
from tests.separation.factories import NOW, estimator, halves, run

pytestmark = pytest.mark.django_db


def seven(given: Input, estimates: list[Samples]) -> list[list[PredictedScore]]:
    """Stands in for the engine: every estimator says 7 dB of everything."""
    scores = [
        PredictedScore(name, 7.0, 1.0, True, [7.0], 2.0) for name in given.estimators
    ]
    return [scores for _ in estimates]


def separated(number: int = 1) -> Run:
    one = run(number)
    runs.execute(one.pk, separate=halves, clock=lambda: NOW)
    return one


def revised() -> Estimator:
    Estimator.objects.update(is_active=False)
    return estimator(revision="e2")


def test_a_new_estimator_scores_earlier_runs_once() -> None:
    old = estimator()
    one = separated()
    assert not rescoring.is_needed()
    new = revised()
    assert rescoring.is_needed()
    assert rescoring.predict_missing(seven) == 1
    assert not rescoring.is_needed()
    assert rescoring.predict_missing(seven) == 0
    found = Prediction.objects.filter(estimate__run=one)
    assert set(found.values_list("estimator", "predicted_si_snr_db")) == {
        (old.pk, 3.0),
        (new.pk, 7.0),
    }


def test_the_estimator_hears_what_the_separator_returned() -> None:
    estimator()
    one = separated()
    for row in one.estimates.all():
        Estimate.objects.filter(pk=row.pk).update(gain_db=-6.0)
    heard: list[Samples] = []

    def listen(given: Input, estimates: list[Samples]) -> list[list[PredictedScore]]:
        heard.extend(estimates)
        assert given.estimators == {"default": "e2"}
        return seven(given, estimates)

    revised()
    rescoring.predict_missing(listen)
    half = sounds.load(one).samples * np.float32(0.5)
    assert heard[0] == pytest.approx(half * 10 ** (6 / 20), abs=1e-5)


def test_one_heard_estimate_alone_cannot_be_scored() -> None:
    estimator()
    one = separated()
    one.estimates.filter(source=2).update(is_silent=True)
    revised()
    assert not rescoring.is_needed()


def test_two_workers_at_the_same_time_write_one_score() -> None:
    estimator()
    separated()
    revised()

    def overtaken(given: Input, estimates: list[Samples]) -> list[list[PredictedScore]]:
        rescoring.predict_missing(seven)
        return seven(given, estimates)

    rescoring.predict_missing(overtaken)
    assert Prediction.objects.filter(estimator__revision="e2").count() == 2


def test_a_task_takes_a_few_runs_and_leaves_the_rest() -> None:
    estimator()
    for number in (1, 2, 3):
        separated(number)
    new = revised()
    assert rescoring.predict_missing(seven, limit=2) == 2
    assert rescoring.lacking(new).count() == 1


def test_the_sweep_asks_for_missing_scores_only(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(
        tasks.predict_missing, "apply_async", lambda expires: asked.append(expires)
    )
    estimator()
    separated()
    with django_capture_on_commit_callbacks(execute=True):
        runs.sweep(now=NOW)
    assert asked == []
    revised()
    with django_capture_on_commit_callbacks(execute=True):
        runs.sweep(now=NOW)
    assert asked == [runs.RESCORING_SECONDS]
