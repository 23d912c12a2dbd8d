"""Celery's effective settings: a misspelled one would be ignored in silence."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from celery.app.defaults import NAMESPACES, flatten
from django.conf import settings

from config.celery import app

EFFECTIVE = """
import json
from config.celery import app
print(json.dumps([app.conf.broker_url, app.conf.broker_transport_options]))
"""


@pytest.fixture(autouse=True)
def _tasks_registered() -> None:
    app.loader.import_default_modules()


def test_a_message_outlives_a_killed_child() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True


def test_a_busy_worker_hoards_no_messages() -> None:
    assert app.conf.worker_prefetch_multiplier == 1


def test_a_task_may_say_why_it_stops_before_it_is_killed() -> None:
    soft, hard = app.conf.task_soft_time_limit, app.conf.task_time_limit
    assert 0 < soft < hard


def test_results_live_in_rows_and_messages_are_json() -> None:
    assert app.conf.task_ignore_result is True
    assert app.conf.result_backend is None
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]


def test_a_worker_waits_for_its_broker_at_the_start() -> None:
    assert app.conf.broker_connection_retry_on_startup is True


def test_separations_go_to_the_queue_of_the_gpu_workers() -> None:
    route = app.amqp.router.route({}, "separation.tasks.run_separation")
    assert route["queue"].name == "gpu"
    assert app.amqp.router.route({}, "separation.tasks.sweep")["queue"].name == (
        "default"
    )


def test_the_sweep_is_on_the_beat_and_exists() -> None:
    entry = app.conf.beat_schedule["sweep-runs"]
    assert entry["task"] in app.tasks
    assert entry["schedule"] == settings.SWEEP_SECONDS
    assert entry["options"]["expires"] <= entry["schedule"], "else they pile up"


@pytest.mark.parametrize("name", [n for n in dir(settings) if n.startswith("CELERY_")])
def test_celery_knows_this_setting(name: str) -> None:
    known = dict(flatten(NAMESPACES))
    assert name.removeprefix("CELERY_").lower() in known


def test_every_setting_reaches_the_app() -> None:
    for name in dir(settings):
        if name.startswith("CELERY_"):
            key = name.removeprefix("CELERY_").lower()
            assert app.conf[key] == getattr(settings, name), name


def test_redis_gives_a_message_back_later_than_the_longest_task(tmp_path: Path) -> None:
    url, options = _effective(tmp_path, CELERY_BROKER_URL="redis://broker:6379/3")
    assert url == "redis://broker:6379/3"
    assert options["visibility_timeout"] > app.conf.task_time_limit
    assert (
        options["unacked_restore_interval"] * options["unacked_restore_throttle"] < 60
    )


def test_without_a_broker_messages_are_files_in_one_folder(tmp_path: Path) -> None:
    url, options = _effective(tmp_path)
    assert url == "filesystem://localhost"
    assert options["data_folder_in"] == options["data_folder_out"]
    assert Path(options["data_folder_in"]).is_dir()
    assert Path(options["data_folder_in"]).is_relative_to(tmp_path)
    assert Path(options["control_folder"]).is_dir()


def _effective(var_dir: Path, **environ: str) -> tuple[str, dict[str, Any]]:
    """What Celery really uses when started with these variables."""
    inherited = {k: v for k, v in os.environ.items() if k != "CELERY_BROKER_URL"}
    root = settings.ROOT
    done = subprocess.run(
        [sys.executable, "-c", EFFECTIVE],
        cwd=root,
        env={
            **inherited,
            "PYTHONPATH": f"{root}{os.pathsep}{root / 'platform'}",
            "VAR_DIR": str(var_dir),
            **environ,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    url, options = json.loads(done.stdout)
    return url, options
