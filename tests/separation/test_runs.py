"""Runs: claimed once, finished once, given up with a reason."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from separation import runs
from separation.exchange import Input, Outcome, SeparationRefused
from separation.models import Estimate, Prediction, Run
from tests.separation.factories import (
    NOW,
    SECOND,
    campaign,
    estimator,
    halves,
    mixture,
    noise,
    reference,
    run,
)

pytestmark = pytest.mark.django_db
LEASE = 20 * SECOND


def execute(
    separate: Callable[[Input], Outcome] = halves, *, of: Run, now: datetime = NOW
) -> Run:
    runs.execute(of.pk, separate=separate, clock=lambda: now, worker="w1", lease=LEASE)
    of.refresh_from_db()
    return of


def fails(given: Input) -> Outcome:
    raise RuntimeError("the card is on fire")


def test_a_run_ends_done_with_estimates_and_predictions() -> None:
    model = estimator()
    done = execute(of=run())
    assert (done.state, done.attempt, done.worker) == ("done", 1, "w1")
    assert (done.started_at, done.finished_at) == (NOW, NOW)
    assert (done.separation_seconds, done.device) == (0.25, "cpu")
    assert done.lease_until is None
    assert [estimate.source for estimate in done.estimates.all()] == [1, 2]
    predictions = Prediction.objects.filter(estimate__run=done)
    assert {p.predicted_si_snr_db for p in predictions} == {3.0}
    assert {p.estimator for p in predictions} == {model}


def test_only_one_of_two_claims_wins() -> None:
    first = run()
    second = Run.objects.get(pk=first.pk)
    assert first.claim(worker="w1", lease=LEASE, now=NOW)
    assert not second.claim(worker="w2", lease=LEASE, now=NOW)
    assert Run.objects.get().worker == "w1"


def test_an_expired_lease_may_be_claimed_by_another() -> None:
    first = run()
    assert first.claim(worker="w1", lease=LEASE, now=NOW)
    second = Run.objects.get(pk=first.pk)
    assert second.claim(worker="w2", lease=LEASE, now=NOW + LEASE + SECOND)
    assert second.attempt == 2
    assert not first.heartbeat(lease=LEASE, now=NOW + LEASE + 2 * SECOND)


def test_a_message_delivered_twice_does_the_work_once() -> None:
    calls = []

    def separate(given: Input) -> Outcome:
        calls.append(given.separator)
        return halves(given)

    queued = run()
    execute(separate, of=queued)
    execute(separate, of=queued)
    assert calls == ["half"]
    assert Estimate.objects.count() == 2
    assert queued.attempt == 1


def test_a_message_for_a_run_that_is_gone_does_nothing() -> None:
    runs.execute(404, separate=fails)
    assert not Run.objects.exists()


def test_a_late_worker_writes_nothing() -> None:
    queued = run()

    def overtaken(given: Input) -> Outcome:
        later = NOW + LEASE + SECOND
        other = Run.objects.get(pk=queued.pk)
        assert other.claim(worker="w2", lease=LEASE, now=later)
        return halves(given)

    late = execute(overtaken, of=queued)
    assert (late.state, late.worker, late.attempt) == ("running", "w2", 2)
    assert not Estimate.objects.exists()


def test_a_late_worker_that_breaks_does_not_touch_the_new_attempt() -> None:
    queued = run()

    def overtaken(given: Input) -> Outcome:
        other = Run.objects.get(pk=queued.pk)
        other.claim(worker="w2", lease=LEASE, now=NOW + LEASE + SECOND)
        raise RuntimeError("too late anyway")

    with pytest.raises(RuntimeError, match="too late"):
        execute(overtaken, of=queued)
    queued.refresh_from_db()
    assert (queued.state, queued.worker, queued.failure) == ("running", "w2", "")


def test_cancelling_in_the_middle_ends_as_cancelled_without_estimates() -> None:
    queued = run()

    def cancelled(given: Input) -> Outcome:
        runs.cancel(queued, now=NOW)
        return halves(given)

    ended = execute(cancelled, of=queued)
    assert (ended.state, ended.finished_at) == ("cancelled", NOW)
    assert not Estimate.objects.exists()


def test_a_cancelled_run_is_not_claimed() -> None:
    queued = run()
    runs.cancel(queued, now=NOW)
    assert execute(of=queued).state == "cancelled"
    assert not Estimate.objects.exists()


def test_a_broken_attempt_is_queued_again_with_its_reason() -> None:
    queued = run()
    with pytest.raises(RuntimeError, match="on fire"):
        execute(fails, of=queued)
    queued.refresh_from_db()
    assert queued.state == "queued"
    assert queued.announced_at == NOW
    assert queued.failure == (
        "The separation stopped with RuntimeError: the card is on fire"
    )


def test_after_three_attempts_a_run_stays_failed() -> None:
    queued = run()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            execute(fails, of=queued)
    execute(of=queued)
    assert (queued.state, queued.attempt) == ("failed", 3)
    assert "the card is on fire" in queued.failure
    assert queued.finished_at == NOW


def test_our_own_refusals_are_shown_as_they_are() -> None:
    def refuses(given: Input) -> Outcome:
        raise SeparationRefused("half returned NaN. Deactivate it.")

    queued = run()
    with pytest.raises(SeparationRefused):
        execute(refuses, of=queued)
    queued.refresh_from_db()
    assert queued.failure == "half returned NaN. Deactivate it."


def test_a_finish_that_cannot_be_written_leaves_no_half_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(*args: object, **options: object) -> None:
        raise RuntimeError("the disk is full")

    estimator()
    monkeypatch.setattr(Prediction.objects, "bulk_create", breaks)
    queued = run()
    with pytest.raises(RuntimeError, match="disk is full"):
        execute(of=queued)
    queued.refresh_from_db()
    assert (queued.state, queued.finished_at) == ("queued", None)
    assert not Estimate.objects.exists()


def test_trying_again_gives_three_more_attempts_and_keeps_late_workers_out() -> None:
    queued = run(state="failed", attempt=3, failure="Three times.")
    runs.retry(queued, now=NOW + SECOND)
    queued.refresh_from_db()
    assert (queued.state, queued.attempt, queued.attempts_allowed) == ("queued", 3, 6)
    assert queued.failure == ""
    late = Run.objects.get(pk=queued.pk)
    assert queued.claim(worker="w2", lease=LEASE, now=NOW + SECOND)
    assert not late.heartbeat(lease=LEASE, now=NOW + 2 * SECOND)


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_only_what_ended_badly_can_be_tried_again(state: str) -> None:
    with pytest.raises(runs.NotPossible, match="Only a failed or cancelled run"):
        runs.retry(run(state=state), now=NOW)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_what_ended_cannot_be_cancelled(state: str) -> None:
    with pytest.raises(runs.NotPossible, match="Only a queued or running run"):
        runs.cancel(run(state=state), now=NOW)


def test_a_peak_above_full_scale_is_brought_down_and_the_gain_noted() -> None:
    def loud(given: Input) -> Outcome:
        outcome = halves(given)
        peak = abs(given.samples).max()
        outcome.sources[0].samples[:] *= 2 / peak * 2  # to a peak of 2: shared by both
        return outcome

    done = execute(loud, of=run())
    gains = [estimate.gain_db for estimate in done.estimates.all()]
    assert gains == pytest.approx([-6.02, -6.02], abs=0.01)


def test_counts_name_every_state_and_one_campaign_only() -> None:
    run(1)
    run(2, state="done")
    counted = runs.counts()
    assert counted == {
        "queued": 1,
        "running": 0,
        "done": 1,
        "failed": 0,
        "cancelled": 0,
    }
    other = campaign("second")
    run(3, state="done", mixture=mixture(3, of=other))
    assert runs.counts(other)["done"] == 1


def test_a_lease_lasts_as_long_as_asked() -> None:
    queued = run()
    queued.claim(worker="w1", lease=timedelta(seconds=7), now=NOW)
    assert queued.lease_until == NOW + 7 * SECOND


def test_references_reach_the_engine_in_their_order() -> None:
    queued, given = run(), []
    for source in (2, 1):
        reference(queued.mixture, source)

    def separate(asked: Input) -> Outcome:
        given.extend(asked.references)
        return halves(asked)

    execute(separate, of=queued)
    for found, source in zip(given, (1, 2), strict=True):
        assert np.allclose(found, noise(100 + source), atol=1e-4)
