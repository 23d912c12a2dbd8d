"""Makes .venv and installs the project in it; a second call returns at once.

python3 deploy/install.py --for demo     what the site needs
python3 deploy/install.py --for test     and what its tests need
"""

import argparse
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy import debian

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {"demo": "", "test": "[dev]"}
LARGE = re.compile(r"\s*Downloading (\S+?)-\d\S* \((\d{2,}[.\d]* [MG]B)\)")
NO_NETWORK = re.compile(r"Retrying \(|NewConnectionError|NameResolutionError|timed out")
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded")

Run = Callable[[Sequence[str], Path], int]


class InstallStopped(Exception):
    """The installation cannot go on; the message says how it can."""


@dataclass(frozen=True)
class Stamp:
    """What an installation was made of; stored in .venv when it is complete."""

    purpose: str
    digest: str
    python: str
    root: str

    def covers(self, wanted: "Stamp") -> bool:
        """An installation for tests holds everything that the demo needs."""
        is_enough = self.purpose in ("test", wanted.purpose)
        return is_enough and self.digest == wanted.digest and self.fits(wanted)

    def fits(self, wanted: "Stamp") -> bool:
        """A virtual environment is bound to its folder and to its Python."""
        return (self.python, self.root) == (wanted.python, wanted.root)


def stamp_for(root: Path, purpose: str) -> Stamp:
    named = (root / "pyproject.toml", root / "constraints.txt")
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in named))
    python = "{}.{}".format(*sys.version_info)
    return Stamp(purpose, digest.hexdigest(), python, str(root))


def stored_stamp(venv: Path) -> Stamp | None:
    try:
        return Stamp(**json.loads((venv / "crosstalk-stamp.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def run_logged(command: Sequence[str], log: Path) -> int:
    """Run a command with its output in `log`; say now and then how far it is."""
    began = told = time.monotonic()
    count = 0
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert process.stdout is not None
        for line in process.stdout:
            output.write(line)
            output.flush()
            count += line.startswith(("Collecting", "Obtaining"))
            if large := LARGE.match(line):
                say(f"  downloading {Path(large[1]).name}, {large[2]}")
            elif line.startswith("Installing collected packages"):
                say(f"  unpacking {line.count(',') + 1} packages")
            elif time.monotonic() - told > 10:
                say(f"  {count} packages read, {time.monotonic() - began:.0f} s")
            else:
                continue
            told = time.monotonic()
    return process.wait()


def ensure(root: Path, purpose: str, *, run: Run = run_logged) -> None:
    """Bring .venv to what pyproject.toml and constraints.txt ask for."""
    venv, wanted = root / ".venv", stamp_for(root, purpose)
    if is_ready(venv, wanted):
        return
    (root / "var" / "log").mkdir(parents=True, exist_ok=True)
    with one_at_a_time(root / "var" / "install.lock"):
        if is_ready(venv, wanted):
            return
        log = root / "var" / "log" / "install.log"
        remove_if_unusable(venv, wanted)
        marker = venv / "crosstalk-unfinished"
        (venv / "crosstalk-stamp.json").unlink(missing_ok=True)
        if not venv.exists():
            venv.mkdir()
            marker.touch()
            make_venv(venv, log, run)
        marker.touch()
        install_packages(root, venv, purpose, log, run)
        text = json.dumps(asdict(wanted), indent=1)
        (venv / "crosstalk-stamp.json").write_text(text)
        marker.unlink()


def is_ready(venv: Path, wanted: Stamp) -> bool:
    stored = stored_stamp(venv)
    return stored is not None and stored.covers(wanted)


def remove_if_unusable(venv: Path, wanted: Stamp) -> None:
    """A half-written environment imports half-written packages: begin anew."""
    stored = stored_stamp(venv)
    if not venv.exists() or (stored and stored.fits(wanted)):
        return
    if stored:
        why = f"was made for Python {stored.python} in {stored.root}"
    elif (venv / "crosstalk-unfinished").exists():
        why = "was left unfinished by an earlier installation"
    elif not (venv / "bin" / "python").exists():
        why = "holds no bin/python"
    else:
        return  # made by hand: complete it in place
    say(f"{venv} {why}; it is made anew. What pip has downloaded is kept in its cache.")
    shutil.rmtree(venv)


def make_venv(venv: Path, log: Path, run: Run) -> None:
    say(f"Making {venv} with {sys.executable}")
    command = [sys.executable, "-m", "venv", str(venv)]
    if run(command, log) == 0:
        return
    package = "python{}.{}-venv".format(*sys.version_info)
    if debian.can_install() and "ensurepip" in log.read_text():
        say(f"  its module venv is not complete; installing {package}")
        if not debian.install([package]) and run(command, log) == 0:
            return
    raise InstallStopped(
        f"`{sys.executable} -m venv` made no virtual environment. The end of its "
        f"output:\n{last_lines(log, 6)}\n"
        f"Install Python's venv module (Debian, Ubuntu: apt-get install {package}) "
        "and repeat the command."
    )


def install_packages(root: Path, venv: Path, purpose: str, log: Path, run: Run) -> None:
    say(
        "Installing the packages of constraints.txt: 1 to 5 minutes and 2 GB of disk "
        "(5 GB where PyTorch comes with CUDA)"
    )
    began = time.monotonic()
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    wanted = ["-c", str(root / "constraints.txt"), "-e", f"{root}{EXTRAS[purpose]}"]
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install"]
    if run([*pip, *options, *wanted], log) != 0:
        raise InstallStopped(why_pip_stopped(log))
    say(f"Installed in {time.monotonic() - began:.0f} s")


def why_pip_stopped(log: Path) -> str:
    text = log.read_text()
    if NO_SPACE.search(text):
        cause = "The disk is full; 5 GB are needed. Make room"
    elif NO_NETWORK.search(text):
        cause = (
            "The package index could not be reached. Check the network, and pip's "
            "own settings (`python3 -m pip config list`)"
        )
    else:
        cause = "pip could not install the packages. Its last lines say why; mend that"
    return (
        f"{cause}, and repeat the command: what was downloaded is kept.\n"
        f"The end of pip's output (all of it: {log}):\n{last_lines(log, 12)}"
    )


def last_lines(log: Path, count: int) -> str:
    lines = [line for line in log.read_text().splitlines() if line.strip()]
    return "\n".join(f"    {line[:300]}" for line in lines[-count:])


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another installation is running in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="install.py")
    parser.add_argument("--for", dest="purpose", choices=sorted(EXTRAS), default="demo")
    purpose: str = parser.parse_args().purpose
    try:
        ensure(ROOT, purpose)
    except InstallStopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Repeat the command to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
