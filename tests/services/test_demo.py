"""`manage.py demo` on a fresh folder: populated, labeled, and gone after Ctrl-C."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.processes import free_port
from tests.stack import PASSED_ON, ROOT

pytestmark = pytest.mark.services
PAGES_WITH_SCORES = ("/", "/leaderboard/demo/", "/separators/mask-lstm/")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


def start(folder: Path, port: int, *arguments: str) -> "subprocess.Popen[str]":
    env = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port), *arguments],
        cwd=ROOT,
        env={**env, "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(demo: "subprocess.Popen[str]", words: str) -> Iterator[str]:
    """Its lines until one has these words; complains if it ends before."""
    assert demo.stdout is not None
    for line in demo.stdout:
        yield line
        if words in line:
            return
    pytest.fail(f"The demo ended with {demo.wait()} before it said {words!r}.")


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as page:
        return str(page.read().decode())


def test_the_demo_is_populated_and_says_what_is_simulated(folder: Path) -> None:
    port = free_port()
    demo = start(folder, port)
    lines = list(said(demo, "Ctrl-C stops everything"))
    assert f"Crosstalk runs at http://localhost:{port}" in "".join(lines)
    board = json.loads(get(port, "/leaderboard/demo.json"))
    assert board["mixtures"] == 24
    assert board["simulated_ratings"] == board["ratings"] > 300
    found = {row["separator"]: row for row in board["standings"]}
    assert found.keys() >= {"identity", "convtasnet-small", "mask-lstm"}
    for row in found.values():
        assert row["mixtures"] == 24
        assert row["predicted_si_snr_db"] is not None
        assert row["mos"] is not None
    measured = "measured_si_snr_improvement_db"
    assert found["mask-lstm"][measured] > found["convtasnet-small"][measured] > 0.5
    for path in PAGES_WITH_SCORES:
        assert "Simulated ratings" in get(port, path), path
    demo.send_signal(signal.SIGINT)
    assert demo.wait(30) == 0
    assert not any(str(folder) in text for text in environments())


def test_the_second_start_has_nothing_left_to_do(folder: Path) -> None:
    demo = start(folder, free_port(), "--once")
    text, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0, text
    assert not re.search(r"Runs:|Separators and estimator", text)


def environments() -> list[str]:
    """The environments of all processes: ours name the folder as VAR_DIR."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            found.append(path.read_text(errors="replace"))
        except OSError:
            continue  # it ended meanwhile, or is another user's
    return found
