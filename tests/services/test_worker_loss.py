"""kill -9 of a worker in the middle of a run: it ends done, once, within a minute."""

import csv
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import psycopg
import pytest

from recordings.audio import encode_flac
from tests.services.processes import ServiceUnavailable, wait_until
from tests.stack import KINDS, Stack, running_stack

RATE = 16_000
SECONDS = 25  # long enough to be killed in the middle
LEASE = 4  # seconds that a lost worker keeps its run
LIMIT = 60  # seconds until a new worker has repaired all
LOAD = """
from pathlib import Path
from django.utils.timezone import now
from people import consent
from recordings import synthetic
from recordings.models import Campaign
text = consent.current("record", body="I agree.", now=now())
values = dict(title="Loss", consent_text=text, created_at=now())
campaign, _ = Campaign.objects.get_or_create(slug="loss", defaults=values)
synthetic.load(Path({manifest!r}), campaign, now=now())
"""
RUNS = """
SELECT run.id, run.state, run.attempt, run.worker, run.failure,
    (SELECT count(*) FROM separation_estimate WHERE run_id = run.id)
FROM separation_run run JOIN recordings_mixture mixture ON mixture.id = run.mixture_id
WHERE mixture.slug = '{slug}' ORDER BY run.id
"""


@dataclass(frozen=True)
class Row:
    """A run as the database has it; asked directly, since Django starts slowly."""

    id: int
    state: str
    attempt: int
    worker: str
    failure: str
    estimates: int


@pytest.fixture(scope="module", params=KINDS)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    settings = {"RUN_LEASE_SECONDS": str(LEASE), "SWEEP_SECONDS": "2"}
    try:
        with running_stack(request.param, **settings) as running:
            yield running
    except ServiceUnavailable as missing:
        pytest.skip(str(missing))


def rows(stack: Stack, slug: str) -> list[Row]:
    query = RUNS.format(slug=slug)
    if url := stack.env.get("DATABASE_URL"):
        with psycopg.connect(url) as postgres:
            return [Row(*row) for row in postgres.execute(query)]
    with closing(sqlite3.connect(stack.folder / "var" / "db.sqlite3")) as sqlite:
        return [Row(*row) for row in sqlite.execute(query)]


def record(stack: Stack, slug: str) -> None:
    """Add a long synthetic mixture; the next sweep makes runs of it."""
    folder = stack.folder / slug
    folder.mkdir()
    drawn = np.random.default_rng(len(slug)).standard_normal((2, SECONDS * RATE))
    sources = (0.05 * drawn).astype(np.float32)
    names = {"mixture": sources.sum(0), "one": sources[0], "two": sources[1]}
    for name, samples in names.items():
        (folder / f"{name}.flac").write_bytes(encode_flac(samples, RATE))
    row = {
        "id": slug,
        "mixture": "mixture.flac",
        "reference_1": "one.flac",
        "reference_2": "two.flac",
        "prompt_1": f"{slug} one",
        "prompt_2": f"{slug} two",
        "sha256": sha256((folder / "mixture.flac").read_bytes()).hexdigest(),
    }
    with (folder / "manifest.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, row)
        table.writeheader()
        table.writerow(row)
    stack.manage("shell", "-c", LOAD.format(manifest=str(folder / "manifest.csv")))


def caught_running(stack: Stack, slug: str) -> Row:
    found: list[Row] = []

    def is_running() -> bool:
        found[:] = [row for row in rows(stack, slug) if row.state == "running"]
        return bool(found)

    assert stack.worker is not None
    wait_until(is_running, stack.worker, seconds=120)
    return found[0]


def ends_done(stack: Stack, slug: str) -> tuple[list[Row], float]:
    """All runs of a mixture once they are done, and the seconds that took."""
    started = time.monotonic()
    assert stack.worker is not None
    wait_until(
        lambda: {row.state for row in rows(stack, slug)} == {"done"},
        stack.worker,
        seconds=2 * LIMIT,
    )
    return rows(stack, slug), time.monotonic() - started


def test_a_killed_worker_loses_no_run(stack: Stack) -> None:
    record(stack, "all-killed")
    lost = caught_running(stack, "all-killed")
    stack.kill_worker()
    (row,) = (row for row in rows(stack, "all-killed") if row.id == lost.id)
    assert (row.state, row.attempt, row.estimates) == ("running", 1, 0)

    stack.start_worker()
    ended, seconds = ends_done(stack, "all-killed")
    assert {row.id: row.attempt for row in ended}[lost.id] == 2
    assert [row.attempt for row in ended if row.id != lost.id] == [1] * (len(ended) - 1)
    assert {row.estimates for row in ended} == {2}
    assert seconds < LIMIT


def test_a_killed_child_loses_no_run(stack: Stack) -> None:
    record(stack, "child-killed")
    lost = caught_running(stack, "child-killed")
    child = int(lost.worker.rpartition(":")[2])
    os.kill(child, signal.SIGKILL)

    ended, seconds = ends_done(stack, "child-killed")
    assert {row.id: row.attempt for row in ended}[lost.id] == 2
    assert {row.estimates for row in ended} == {2}
    assert seconds < LIMIT
    assert not Path(f"/proc/{child}").exists()


def test_a_worker_stops_when_asked_and_leaves_no_process(stack: Stack) -> None:
    assert stack.worker is not None
    log = stack.worker.log
    wait_until(lambda: " ready." in log.read_text(), stack.worker, seconds=LIMIT)
    group = os.getpgid(stack.worker.process.pid)
    stack.worker.process.send_signal(signal.SIGTERM)
    assert stack.worker.process.wait(timeout=30) == 0
    with pytest.raises(ProcessLookupError):
        for _ in range(100):  # init may need a moment to bury them
            os.killpg(group, 0)
            time.sleep(0.1)
