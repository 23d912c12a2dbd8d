"""Starts the site's processes together and stops them together."""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

STOP_SECONDS = 15


class DemoTrouble(Exception):
    """Something a user can act on; the message is shown as it is."""


class Supervisor:
    """The children of one `manage.py demo`, each a process group with its own log."""

    def __init__(self, var_dir: Path) -> None:
        self._var = var_dir
        self._pids = var_dir / "demo.pids"
        self._logs = var_dir / "log"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock: IO[str] | None = None

    def acquire(self) -> list[str]:
        """Become the only demo of this folder; returns what an earlier one left."""
        lock = (self._var / "demo.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            raise DemoTrouble(
                f"Another demo runs in {self._var}. Stop it with Ctrl-C in its window, "
                "or give this one a folder of its own: VAR_DIR=var2 make demo."
            ) from taken
        self._lock = lock
        return self._stop_leftovers()

    def start(self, name: str, command: list[str], env: Mapping[str, str]) -> None:
        with (self._logs / f"{name}.log").open("wb") as log:
            self._children[name] = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=dict(env),
                start_new_session=True,
            )
        pids = {name: child.pid for name, child in self._children.items()}
        self._pids.write_text(json.dumps(pids))

    def check(self) -> None:
        """Raise if a child has ended, with the end of its log."""
        for name, child in self._children.items():
            code = child.poll()
            if code is not None:
                log = self._logs / f"{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise DemoTrouble(
                    f"The {name} process ended by itself (exit status {code}). The end "
                    f"of {log}:\n{tail}\nStart again with `make demo`."
                )

    def stop(self) -> None:
        """End what this demo started; one that was refused has nothing to end."""
        if self._lock is None:
            return
        for child in self._children.values():
            _signal_group(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child.pid, signal.SIGKILL)
                child.wait()
        self._pids.unlink(missing_ok=True)

    def _stop_leftovers(self) -> list[str]:
        """Stop children of a demo that was killed before it could stop them."""
        try:
            pids: dict[str, int] = json.loads(self._pids.read_text())
        except (OSError, ValueError):
            return []
        stopped = [name for name, pid in pids.items() if _is_ours(pid)]
        for name in stopped:
            _signal_group(pids[name], signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while any(_is_ours(pids[name]) for name in stopped):
            if time.monotonic() > deadline:
                for name in stopped:
                    _signal_group(pids[name], signal.SIGKILL)
            time.sleep(0.1)
        self._pids.unlink(missing_ok=True)
        return stopped


def check_port(host: str, port: int) -> None:
    """Raise unless the port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise DemoTrouble(
                f"Port {port} of {host} cannot be used ({taken.strerror}). Stop the "
                f"program that has it, or choose another: make demo ARGS='--port "
                f"{port + 1}'."
            ) from taken


def _is_ours(pid: int) -> bool:
    """Whether this is still one of our processes and not a stranger with its number."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return str(Path(sys.executable).parent) in command


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
