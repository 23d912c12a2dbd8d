"""sync_models: rows follow what is installed, and staff's choice is respected."""

from dataclasses import replace

import pytest

from separation import registry
from separation.exchange import EstimatorInfo, SeparatorInfo
from separation.models import Estimator, Run, Separator
from tests.separation.factories import NOW, SECOND, run

pytestmark = pytest.mark.django_db
HALF = SeparatorInfo(
    name="half",
    title="Half",
    revision="r1",
    architecture="none",
    parameters=0,
    sample_rate=8000,
    sources=2,
    training_data="none",
    licence="Apache-2.0",
    citation="",
    is_default=True,
    has_weights=True,
)
SCALE = EstimatorInfo(name="default", revision="e1", low_db=-10, high_db=30)


def sync(*separators: SeparatorInfo, scale: EstimatorInfo = SCALE) -> list[str]:
    return registry.sync(list(separators), [scale], now=NOW)


def half() -> Separator:
    return Separator.objects.get(name="half")


def test_a_shipped_separator_is_new_and_active() -> None:
    assert sync(HALF) == ["half r1: new", "estimator default e1: new"]
    assert half().is_active


def test_syncing_twice_changes_nothing() -> None:
    sync(HALF)
    assert sync(HALF) == []
    assert (Separator.objects.count(), Estimator.objects.count()) == (1, 1)


def test_a_published_separator_that_is_not_here_is_said_to_be_absent() -> None:
    lines = sync(replace(HALF, is_default=False, has_weights=False))
    assert lines[0] == "half: known, its weights are not on this machine"


@pytest.mark.parametrize("has_weights", [True, False])
def test_a_published_separator_waits_for_staff(has_weights: bool) -> None:
    sync(replace(HALF, is_default=False, has_weights=has_weights))
    assert not half().is_active


def test_what_staff_deactivated_stays_so() -> None:
    sync(HALF)
    Separator.objects.update(is_active=False)
    sync(replace(HALF, revision="r2"))
    assert (half().revision, half().is_active) == ("r2", False)


def test_a_separator_gone_or_without_weights_is_deactivated() -> None:
    sync(HALF)
    assert sync(replace(HALF, has_weights=False)) == [
        "half has no weights here: deactivated"
    ]
    Separator.objects.update(is_active=True)
    assert sync() == ["half has no weights here: deactivated"]
    assert not half().is_active


def test_queued_runs_of_an_earlier_revision_are_cancelled_and_done_ones_kept() -> None:
    sync(HALF)
    old, done = run(1, separator=half()), run(2, separator=half(), state="done")
    assert sync(replace(HALF, revision="r2")) == ["half r1 is now r2"]
    old.refresh_from_db()
    done.refresh_from_db()
    assert (old.state, done.state) == ("cancelled", "done")
    assert "newer revision" in old.failure
    assert not Run.objects.current().exists()


def test_the_latest_revision_of_an_estimator_is_the_active_one() -> None:
    sync(HALF)
    sync(HALF, scale=replace(SCALE, revision="e2"))
    active = Estimator.objects.filter(is_active=True)
    assert [row.revision for row in active] == ["e2"]
    sync(HALF)
    assert [row.revision for row in active.all()] == ["e1"], "back to the earlier one"


def test_a_running_run_is_not_touched() -> None:
    sync(HALF)
    working = run(1, separator=half(), state="running", lease_until=NOW + SECOND)
    sync(replace(HALF, revision="r2"))
    working.refresh_from_db()
    assert working.state == "running"
