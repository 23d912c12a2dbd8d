"""The check script's parts: what tests need, what CI refuses, and a true tally."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deploy import debian, install_test_tools, tally

ROOT = Path(__file__).resolve().parent.parent.parent
SUITE = '<testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/>'
ABSENT = install_test_tools.Tool("no-such-tool", "some-package", "the tests of it")
PRESENT = install_test_tools.Tool("sh", "dash", "all")


def results(folder: Path, *suites: Sequence[int]) -> list[str]:
    paths = [folder / f"{number}.xml" for number in range(len(suites))]
    for path, counts in zip(paths, suites, strict=True):
        path.write_text(f"<testsuites>{SUITE.format(*counts)}</testsuites>")
    return [str(path) for path in paths]


def test_the_tally_adds_up_all_files(tmp_path: Path) -> None:
    files = results(tmp_path, (10, 1, 2, 3), (5, 0, 0, 0))
    assert tally.main(files) == "9 passed, 3 failed, 3 skipped"


def test_a_step_that_counts_no_tests_counts_as_one_failure(tmp_path: Path) -> None:
    files = results(tmp_path, (5, 0, 0, 0))
    assert tally.main(["--also-failed", "types", *files]) == "5 passed, 1 failed"


def test_a_failed_test_is_not_counted_twice(tmp_path: Path) -> None:
    files = results(tmp_path, (5, 1, 0, 0))
    assert tally.main(["--also-failed", "unit tests", *files]) == "4 passed, 1 failed"


def test_the_tests_of_javascript_count_too(tmp_path: Path) -> None:
    tap = tmp_path / "javascript.tap"
    tap.write_text("# Subtest: one\nok 1 - one\n# tests 6\n# pass 5\n# fail 1\n")
    assert tally.main([*results(tmp_path, (1, 0, 0, 0)), str(tap)]) == (
        "6 passed, 1 failed"
    )


def test_without_python_make_says_what_to_install() -> None:
    said = subprocess.run(
        ["make", "demo", "PYTHON="], cwd=ROOT, capture_output=True, text=True
    )
    assert said.returncode == 2
    assert "python3 was not found; Crosstalk needs Python 3.11" in said.stderr
    assert "apt-get install python3" in said.stderr


def pytest_with_a_skip(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_some.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no gpu here')\n"
    )
    options = ["-q", "-p", "no:django", "-p", "tests.skips", "-c", "pytest.ini"]
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
    )


def test_in_ci_a_skipped_test_fails_the_session(tmp_path: Path) -> None:
    ended = pytest_with_a_skip(tmp_path, CI="true")
    assert ended.returncode == 1
    assert "test_some.py::test_b: Skipped: no gpu here" in ended.stdout


def test_elsewhere_a_skipped_test_is_listed(tmp_path: Path) -> None:
    ended = pytest_with_a_skip(tmp_path)
    assert ended.returncode == 0
    assert "1 passed, 1 skipped" in ended.stdout


@pytest.fixture
def without_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "can_install", lambda: False)
    monkeypatch.setattr(install_test_tools, "TOOLS", (PRESENT, ABSENT))
    monkeypatch.delenv("CI", raising=False)


@pytest.mark.usefixtures("without_apt")
def test_a_missing_tool_names_the_tests_that_are_skipped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert install_test_tools.main() == 0
    said = capsys.readouterr().out
    assert "no-such-tool is missing: the tests of it will be skipped" in said
    assert "apt-get install some-package (as root)" in said


@pytest.mark.usefixtures("without_apt")
def test_in_ci_a_missing_tool_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    assert install_test_tools.main() == 1
    assert "CI=true: nothing may be skipped" in capsys.readouterr().err


def test_root_installs_only_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def refuse(packages: Sequence[str]) -> str:
        asked.extend(packages)
        return "E: Unable to locate package some-package"

    monkeypatch.setattr(debian, "can_install", lambda: True)
    monkeypatch.setattr(debian, "install", refuse)
    monkeypatch.setattr(install_test_tools, "TOOLS", (PRESENT, ABSENT))
    monkeypatch.setenv("CI", "true")
    assert install_test_tools.main() == 1
    assert asked == ["some-package"]
    assert "Unable to locate package" in capsys.readouterr().err
