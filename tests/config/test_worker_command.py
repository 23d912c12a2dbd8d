"""manage.py worker: what it asks of Celery, and what it refuses."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

WORKER = "config.management.commands.worker"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments Celery gets, instead of a worker; models are in step already."""
    calls: list[list[str]] = []
    monkeypatch.setattr(f"{WORKER}.run", lambda *a, **k: SimpleNamespace(returncode=0))
    monkeypatch.setattr(f"{WORKER}.runs.sweep", lambda now: 0)
    monkeypatch.setattr(f"{WORKER}.connections.close_all", lambda: None)
    monkeypatch.setattr(f"{WORKER}.signal.signal", lambda *a: None)
    monkeypatch.setattr(f"{WORKER}.app.start", calls.append)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    return calls


def start(**options: Any) -> None:
    with pytest.raises(SystemExit):
        call_command("worker", **options)


def test_it_works_on_both_queues_with_one_child_and_beat(
    started: list[list[str]],
) -> None:
    start()
    (arguments,) = started
    assert arguments[arguments.index("--queues") + 1] == "default,gpu"
    assert arguments[arguments.index("--concurrency") + 1] == "1"
    assert "--pool=prefork" in arguments
    assert "--beat" in arguments


def test_a_second_machine_works_without_beat(started: list[list[str]]) -> None:
    start(no_beat=True, queues="gpu", concurrency=2)
    (arguments,) = started
    assert "--beat" not in arguments
    assert arguments[arguments.index("--queues") + 1] == "gpu"
    assert arguments[arguments.index("--concurrency") + 1] == "2"


def test_a_parent_with_torch_is_refused(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    with pytest.raises(CommandError, match="has loaded torch.*inside tasks only"):
        call_command("worker")
    assert started == []


def test_models_out_of_step_stop_it_with_a_way_on(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = SimpleNamespace(returncode=1)
    monkeypatch.setattr(f"{WORKER}.run", lambda *a, **k: broken)
    with pytest.raises(CommandError, match="manage.py migrate"):
        call_command("worker")
    assert started == []
