"""Installing: what is done once, what is mended, and what is said when it stops."""

import ast
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from deploy import debian, environment, install

ROOT = Path(__file__).resolve().parent.parent.parent
Say = pytest.CaptureFixture[str]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A tiny project with its own copy of deploy/, so that ROOT is the copy's."""
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / "constraints.txt").write_text("six==1.17.0\n")
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["no-such-build-backend"]\n'
        'build-backend = "no_such_build_backend"\n'
        '[project]\nname = "tiny"\nversion = "1"\n'
    )
    return tmp_path


class Recorder:
    """Stands in for venv and pip: notes each command, and answers as told."""

    def __init__(self, *, pip: int = 0, venv: int = 0, says: str = "") -> None:
        self.commands: list[str] = []
        self.answers = {"venv": venv, "pip": pip}
        self.says = says

    def __call__(self, command: Sequence[str], log: Path) -> int:
        self.commands.append(" ".join(command))
        log.write_text(self.says)
        if command[2] == "venv" and not self.answers["venv"]:
            make_python(Path(command[3]))
        return self.answers[command[2]]


def make_python(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin" / "python").touch()


def stopped(project: Path, run: Recorder) -> str:
    with pytest.raises(environment.InstallStopped) as stop:
        environment.ensure(project, "demo", run=run)
    return str(stop.value)


# Which Python


def test_an_old_python_can_read_the_first_file() -> None:
    text = (ROOT / "deploy" / "install.py").read_text()
    ast.parse(text, feature_version=(3, 6))


def test_an_old_python_hands_over_to_a_newer_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("python3.11", "python3.13"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install.find_python((3, 9)) == str(tmp_path / "python3.13")
    assert install.find_python((3, 12)) == sys.executable


def test_an_old_python_alone_says_what_it_is_and_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    needs = r"Found Python 3\.8 \(.*\); Crosstalk needs Python 3\.11 or newer"
    with pytest.raises(SystemExit, match=f"{needs}(.|\n)*repeat the command"):
        install.main()


# What is done, and how often


def test_the_first_call_makes_a_venv_and_installs_by_constraints(project: Path) -> None:
    run = Recorder()
    environment.ensure(project, "test", run=run)
    venv, pip = run.commands
    assert venv == f"{sys.executable} -m venv {project}/.venv"
    assert pip.startswith(f"{project}/.venv/bin/python -m pip install ")
    assert pip.endswith(f"-c {project}/constraints.txt -e {project}[dev]")


def test_the_second_call_does_nothing(project: Path) -> None:
    environment.ensure(project, "demo", run=Recorder())
    run = Recorder()
    environment.ensure(project, "demo", run=run)
    assert run.commands == []


def test_a_second_call_of_the_command_takes_a_moment(project: Path) -> None:
    environment.ensure(project, "demo", run=Recorder())
    command = [sys.executable, str(project / "deploy" / "install.py")]
    times = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([*command, "--for", "demo"], check=True)
        times.append(time.monotonic() - began)
    assert min(times) < 0.5  # 0.1 s on an idle machine


@pytest.mark.parametrize(
    ("first", "second", "commands"),
    [("test", "demo", 0), ("demo", "test", 1)],
)
def test_what_serves_tests_serves_the_demo_but_not_the_reverse(
    project: Path, first: str, second: str, commands: int
) -> None:
    environment.ensure(project, first, run=Recorder())
    run = Recorder()
    environment.ensure(project, second, run=run)
    assert len(run.commands) == commands


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_a_changed_pin_or_need_is_installed_in_place(
    project: Path, changed: str
) -> None:
    environment.ensure(project, "demo", run=Recorder())
    with (project / changed).open("a") as file:
        file.write("# changed\n")
    run = Recorder()
    environment.ensure(project, "demo", run=run)
    assert [command.split()[2] for command in run.commands] == ["pip"]


# What is mended


def leave_unfinished(project: Path) -> None:
    stopped(project, Recorder(pip=1))


def leave_without_python(project: Path) -> None:
    (project / ".venv" / "lib").mkdir(parents=True)


def leave_for_another_python(project: Path) -> None:
    environment.ensure(project, "demo", run=Recorder())
    stamp = project / ".venv" / "crosstalk-stamp.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"python": "3.10"}))


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (leave_unfinished, "was left unfinished by an earlier installation"),
        (leave_without_python, "holds no bin/python"),
        (leave_for_another_python, "was made for Python 3.10"),
    ],
)
def test_an_unusable_venv_is_made_anew(
    project: Path, leave: Callable[[Path], None], why: str, capsys: Say
) -> None:
    leave(project)
    (project / ".venv" / "remains").touch()
    run = Recorder()
    environment.ensure(project, "demo", run=run)
    assert why in capsys.readouterr().out
    assert not (project / ".venv" / "remains").exists()
    assert [command.split()[2] for command in run.commands] == ["venv", "pip"]


def test_a_venv_made_by_hand_is_completed_and_kept(project: Path) -> None:
    make_python(project / ".venv")
    (project / ".venv" / "kept").touch()
    run = Recorder()
    environment.ensure(project, "demo", run=run)
    assert [command.split()[2] for command in run.commands] == ["pip"]
    assert (project / ".venv" / "kept").exists()


def test_two_installations_at_once_take_turns(tmp_path: Path, capsys: Say) -> None:
    path = tmp_path / "lock"
    order: list[str] = []

    def second() -> None:
        with environment.one_at_a_time(path):
            order.append("second")

    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert "Another installation is running" in capsys.readouterr().out


# What is said when it stops


def test_without_the_venv_module_the_package_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "can_install", lambda: False)
    said = stopped(project, Recorder(venv=1, says="ensurepip is not available"))
    package = "python{}.{}-venv".format(*sys.version_info)
    assert "made no virtual environment" in said
    assert "    ensurepip is not available" in said
    assert f"apt-get install {package}) and repeat the command" in said


def test_without_a_network_the_command_says_how_to_go_on(project: Path) -> None:
    """Real venv, real pip, and an index at a port where nobody listens."""
    nowhere = "http://127.0.0.1:9/simple"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": nowhere, "PIP_RETRIES": "1"}
    ended = subprocess.run(
        [sys.executable, str(project / "deploy" / "install.py"), "--for", "demo"],
        env={**kept, **pip},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert "Installing the packages of constraints.txt" in ended.stdout
    assert "The package index could not be reached" in ended.stderr
    assert "repeat the command: what was downloaded is kept" in ended.stderr
    assert f"{project}/var/log/install.log" in ended.stderr
    assert "no-such-build-backend" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("says", "cause"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full; 5 GB are"),
        ("ERROR: six 1.16 conflicts with six 1.17", "Its last lines say why"),
    ],
)
def test_other_troubles_of_pip_show_its_last_lines(
    project: Path, says: str, cause: str
) -> None:
    said = stopped(project, Recorder(pip=1, says=f"Collecting six\n\n{says}\n"))
    assert cause in said
    assert f"    {says}" in said


def test_ctrl_c_says_that_repeating_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: Say
) -> None:
    def interrupted(root: Path, purpose: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "ensure", interrupted)
    monkeypatch.setattr(sys, "argv", ["install.py", "--for", "demo"])
    assert environment.main() == 130
    assert "Repeat the command to go on" in capsys.readouterr().err


def test_progress_names_large_downloads_only(tmp_path: Path, capsys: Say) -> None:
    lines = (
        "Collecting torch\n  Downloading torch-2.13.0-cp311-linux.whl (192.1 MB)\n"
        "  Downloading six-1.17.0-py2.py3-none-any.whl (11 kB)\n"
        "Installing collected packages: six, torch\n"
    )
    command = [sys.executable, "-c", f"print({lines!r})"]
    assert environment.run_logged(command, tmp_path / "log") == 0
    assert capsys.readouterr().out.splitlines() == [
        "  downloading torch, 192.1 MB",
        "  unpacking 2 packages",
    ]
    assert "six-1.17.0" in (tmp_path / "log").read_text()
