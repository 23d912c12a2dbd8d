"""What the sweep repairs: missing runs, lost messages, lost workers."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from separation import runs, wakeups
from separation.models import Run
from tests.separation.factories import MINUTE, NOW, SECOND, mixture, run, separator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def announced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []
    monkeypatch.setattr("separation.tasks.run_separation.delay", sent.append)
    return sent


def test_every_active_separator_gets_a_run_for_every_mixture() -> None:
    mixtures = {mixture(1), mixture(2)}
    active = separator("half")
    separator("resting", is_active=False)
    assert runs.enqueue_missing(now=NOW) == 2
    assert {r.mixture for r in Run.objects.all()} == mixtures
    assert {r.separator for r in Run.objects.all()} == {active}


def test_a_separator_of_three_speakers_is_not_given_mixtures_of_two() -> None:
    mixture()
    separator("trio", sources=3)
    assert runs.enqueue_missing(now=NOW) == 0


def test_enqueuing_twice_creates_nothing_new() -> None:
    mixture()
    separator()
    assert runs.enqueue_missing(now=NOW) == 1
    assert runs.enqueue_missing(now=NOW + SECOND) == 0
    assert Run.objects.count() == 1


def test_two_machines_that_enqueue_at_once_create_one_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixture()
    missing = runs._missing(separator(), now=NOW)
    runs.enqueue_missing(now=NOW)
    monkeypatch.setattr(runs, "_missing", lambda *a, **k: missing)  # read before
    assert runs.enqueue_missing(now=NOW) == 0
    assert Run.objects.count() == 1


def test_a_separator_added_later_gets_the_old_mixtures() -> None:
    mixture()
    separator("half")
    runs.enqueue_missing(now=NOW)
    separator("third")
    assert runs.enqueue_missing(now=NOW) == 1
    assert Run.objects.filter(separator__name="third").count() == 1


def test_a_new_revision_gets_a_run_beside_the_old_one() -> None:
    mixture()
    model = separator(revision="r1")
    runs.enqueue_missing(now=NOW)
    model.revision = "r2"
    model.save()
    assert runs.enqueue_missing(now=NOW) == 1
    assert Run.objects.count() == 2
    assert [r.separator_revision for r in Run.objects.current()] == ["r2"]


def test_a_wake_up_is_sent_only_after_the_commit(
    announced: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    mixture()
    separator()
    with django_capture_on_commit_callbacks(execute=True):
        runs.enqueue_missing(now=NOW)
        assert announced == []
    assert announced == [Run.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_a_broker_out_of_reach_does_not_lose_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreachable(pk: int) -> None:
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr("separation.tasks.run_separation.delay", unreachable)
    mixture()
    separator()
    assert runs.enqueue_missing(now=NOW) == 1
    later = NOW + MINUTE + SECOND
    assert list(wakeups.forgotten(now=later)) == list(Run.objects.all())


def test_a_message_lost_is_sent_again_after_a_minute() -> None:
    lost = run(announced_at=NOW)
    assert runs.sweep(now=NOW + 50 * SECOND) == 0
    assert runs.sweep(now=NOW + 61 * SECOND) == 1
    lost.refresh_from_db()
    assert lost.announced_at == NOW + 61 * SECOND


def test_the_gap_between_wake_ups_doubles() -> None:
    run(announced_at=NOW)
    sent = [m for m in range(1, 33) if runs.sweep(now=NOW + m * (MINUTE + SECOND))]
    assert sent == [1, 2, 4, 8, 16, 32]


def test_an_expired_lease_is_queued_and_announced_at_once() -> None:
    model = separator()
    lost = run(state="running", attempt=1, worker="w1", lease_until=NOW)
    assert lost.separator == model
    assert runs.sweep(now=NOW + SECOND) == 1
    lost.refresh_from_db()
    assert (lost.state, lost.attempt) == ("queued", 1)
    assert (lost.queued_at, lost.announced_at) == (NOW + SECOND, NOW + SECOND)
    assert lost.failure == (
        "The worker w1 stopped answering at 2026-11-20 12:00 UTC, in attempt 1 of 3."
    )


def test_a_running_run_with_a_lease_is_left_alone() -> None:
    working = run(state="running", attempt=1, lease_until=NOW + SECOND)
    assert runs.sweep(now=NOW) == 0
    working.refresh_from_db()
    assert working.state == "running"


def test_a_worker_lost_three_times_is_a_failure_that_says_so() -> None:
    lost = run(state="running", attempt=3, worker="w1", lease_until=NOW)
    assert runs.sweep(now=NOW + SECOND) == 0
    lost.refresh_from_db()
    assert lost.state == "failed"
    assert lost.failure == (
        "The worker w1 stopped answering at 2026-11-20 12:00 UTC, in attempt 3 of 3. "
        "Often memory ran out: read its log, then try again."
    )


def test_a_lost_worker_of_a_cancelled_run_ends_it_as_cancelled() -> None:
    lost = run(state="running", attempt=1, lease_until=NOW, cancel_requested=True)
    assert runs.sweep(now=NOW + SECOND) == 0
    lost.refresh_from_db()
    assert (lost.state, lost.finished_at) == ("cancelled", NOW + SECOND)


def test_the_sweep_does_not_take_back_what_another_worker_just_claimed() -> None:
    lost = run(state="running", attempt=1, lease_until=NOW)
    seen_by_the_sweep = Run.objects.get(pk=lost.pk)
    later = NOW + SECOND
    assert lost.claim(worker="w2", lease=20 * SECOND, now=later)
    runs._take_back(seen_by_the_sweep, now=later)
    lost.refresh_from_db()
    assert (lost.state, lost.worker) == ("running", "w2")
