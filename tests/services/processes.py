"""Real servers as child processes of a test: started, awaited, stopped, never left."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


class ServiceUnavailable(Exception):
    """A server cannot be started on this machine; the message says what to install."""


def find_binary(name: str, *, package: str, folders: Sequence[Path] = ()) -> str:
    """Return the path of a program, also looking in folders outside PATH."""
    places = [os.environ.get("PATH", os.defpath), *map(str, folders), "/usr/sbin"]
    if found := shutil.which(name, path=os.pathsep.join(places)):
        return found
    raise ServiceUnavailable(
        f"The program {name} was not found; it is part of the Debian package "
        f"{package}. Run `python3 -m deploy.install_test_tools` as root."
    )


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which nothing listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Make a folder that other users may enter (PostgreSQL refuses to run as root)."""
    folder = Path(tempfile.mkdtemp(prefix=f"crosstalk-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Server:
    """One process group with its log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        folder: Path,
        user: str | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> "Server":
        log = folder / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*_dies_with_us(stop_signal), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd or folder,
                env=env,
                user=user,
                start_new_session=True,
            )
        return cls(name, process, log, stop_signal)

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self, seconds: float = 10) -> None:
        """Ask the process to end; kill its whole group if it does not."""
        if not self.has_ended():
            self.process.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL to the process and to all of its children."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def tail(self, lines: int = 20) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _dies_with_us(sent: signal.Signals) -> list[str]:
    """Where setpriv exists the kernel ends the server even if pytest is killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", sent.name.removeprefix("SIG")] if setpriv else []


def wait_until(
    is_ready: Callable[[], bool], *servers: Server, seconds: float = 30
) -> None:
    """Wait for a server to answer; its log is in the message if it does not."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        ended = [server for server in servers if server.has_ended()]
        if ended or time.monotonic() > deadline:
            server = (ended or list(servers))[0]
            how = "ended by itself" if ended else f"did not answer in {seconds:g} s"
            raise RuntimeError(f"{server.name} {how}. Its log:\n{server.tail()}")
        time.sleep(0.05)
