"""The rules of the house that a machine can check."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VAGUE = {"utils", "helpers", "misc", "common", "services", "managers", "base"}
TEXT = {".py", ".js", ".css", ".html", ".md", ".toml", ".txt", ".sh", ".csv", ".svg"}
# A person's home, or a folder that only one machine has.
PRIVATE_PATH = re.compile(r"(?<![\w.~])/(home|Users|root|work|mnt)/[\w.-]+")


@cache
def committed() -> list[Path]:
    """The files git knows, or would know: nothing ignored, nothing generated."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={ROOT}",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, f"run the tests in a git checkout: {listed.stderr}"
    paths = {ROOT / name for name in listed.stdout.split("\0") if name}
    return sorted(path for path in paths if path.is_file())


def sources(*endings: str) -> list[Path]:
    return [
        path
        for path in committed()
        if path.suffix in endings and not {"migrations", "vendor"} & set(path.parts)
    ]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources(".py"), ids=name)
def test_functions_are_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 50, f"{node.name} has {lines} lines; split it"


@pytest.mark.parametrize("path", sources(".py", ".js", ".css", ".html"), ids=name)
def test_files_are_small_and_named_after_what_they_hold(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= 400, f"{lines} lines; split it by what it is about"
    is_django_custom = path.name == "base.html"
    is_vague = path.stem.removeprefix("_") in VAGUE and not is_django_custom
    assert not is_vague, "name it after what it holds"


def test_every_module_says_what_it_is_about() -> None:
    silent = [
        name(path)
        for path in sources(".py")
        if path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent, "give them a first line: a docstring"


def test_platform_is_a_source_root_not_a_package() -> None:
    loose = [path.name for path in (ROOT / "platform").glob("*.py")]
    assert not loose, "they would shadow modules of the standard library"


def test_app_names_shadow_nothing() -> None:
    folders = (path for path in (ROOT / "platform").iterdir() if path.is_dir())
    apps = {path.name for path in folders} - {"__pycache__"}
    others = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert not apps & (sys.stdlib_module_names | others)


@pytest.mark.parametrize("folder", [".", "platform"])
def test_platform_stays_the_standard_librarys_module(folder: str) -> None:
    """`uuid` fails at once if `platform` is not what it should be."""
    ask = "import platform, uuid; print(platform.__file__, platform.system())"
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    shown = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT / folder,
        env=env,
        capture_output=True,
        text=True,
    )
    assert shown.returncode == 0, shown.stderr
    assert not shown.stdout.startswith(str(ROOT)) or "/.venv/" in shown.stdout


def test_no_committed_file_names_a_folder_of_one_machine() -> None:
    found = [
        f"{name(path)}: {match[0]}"
        for path in committed()
        if path.suffix in TEXT or not path.suffix
        for match in PRIVATE_PATH.finditer(path.read_text(errors="replace"))
    ]
    assert not found


def test_the_web_process_never_imports_torch(tmp_path: Path) -> None:
    """Loading it would cost every web process half a gigabyte and two seconds."""
    ask = """
import sys
import config.wsgi
from django.urls import get_resolver
from django.apps import apps
from importlib import import_module
from importlib.util import find_spec
get_resolver().url_patterns  # imports every urls and views module
for app in apps.get_app_configs():
    for part in ("views", "forms", "admin", "tasks"):
        if find_spec(f"{app.name}.{part}"):
            import_module(f"{app.name}.{part}")
heavy = {"torch", "torchaudio", "speechbrain", "estimator", "separators"}
print(sorted(heavy & set(sys.modules)))
"""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "VAR_DIR": str(tmp_path)}
    asked = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip() == "[]"
