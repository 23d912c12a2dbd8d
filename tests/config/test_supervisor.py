"""The demo's processes: one demo a folder, leftovers stopped, trouble explained."""

import os
import socket
import sys
import time
from pathlib import Path

import pytest

from config.supervisor import DemoTrouble, Supervisor, check_port

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def start(supervisor: Supervisor, name: str, folder: Path) -> None:
    """Start a child and wait until it runs: before that it has no command line."""
    supervisor.start(name, SLEEP, os.environ)
    deadline = time.monotonic() + 10
    while "up" not in (folder / "log" / f"{name}.log").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return state != "Z"


def test_a_taken_port_is_named_with_a_way_on() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(DemoTrouble) as trouble:
            check_port("127.0.0.1", port)
    assert f"Port {port} of 127.0.0.1 cannot be used" in str(trouble.value)
    assert f"make demo ARGS='--port {port + 1}'" in str(trouble.value)


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = Supervisor(tmp_path)
    first.acquire()
    with pytest.raises(
        DemoTrouble, match="Another demo runs in .* Stop it with Ctrl-C"
    ):
        Supervisor(tmp_path).acquire()


def test_a_refused_demo_leaves_the_running_one_alone(tmp_path: Path) -> None:
    running, refused = Supervisor(tmp_path), Supervisor(tmp_path)
    running.acquire()
    start(running, "web", tmp_path)
    with pytest.raises(DemoTrouble):
        refused.acquire()
    refused.stop()
    assert running._lock is not None
    running._lock.close()  # killed: the next one still finds its children
    assert Supervisor(tmp_path).acquire() == ["web"]


def test_stop_ends_every_child(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.acquire()
    start(supervisor, "web", tmp_path)
    supervisor.check()
    pid = supervisor._children["web"].pid
    supervisor.stop()
    assert not is_alive(pid)


def test_children_of_a_killed_demo_are_stopped_by_the_next(tmp_path: Path) -> None:
    killed = Supervisor(tmp_path)
    killed.acquire()
    start(killed, "worker", tmp_path)
    child = killed._children["worker"]
    assert killed._lock is not None
    killed._lock.close()  # as a kill -9 of the demo would
    assert Supervisor(tmp_path).acquire() == ["worker"]
    assert child.wait(5) != 0


def test_a_child_that_ends_by_itself_is_explained_with_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    supervisor.acquire()
    supervisor.start(
        "worker", [sys.executable, "-c", "raise SystemExit('no weights')"], os.environ
    )
    deadline = time.monotonic() + 10
    with pytest.raises(DemoTrouble, match="(?s)worker process ended .*no weights"):
        while time.monotonic() < deadline:
            supervisor.check()
            time.sleep(0.05)
