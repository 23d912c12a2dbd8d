"""The settings as a process sees them: refusals at start, the list of variables."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import global_settings

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ROOT / "platform" / "config" / "settings.py"


def start(tmp_path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )


def test_production_without_a_secret_key_does_not_start(tmp_path: Path) -> None:
    outcome = start(tmp_path, DEBUG="false")
    assert outcome.returncode != 0
    assert "set SECRET_KEY (or SECRET_KEY_FILE)" in outcome.stderr


def test_a_whole_production_environment_passes_the_deploy_check(
    tmp_path: Path,
) -> None:
    outcome = start(
        tmp_path,
        DEBUG="false",
        SECRET_KEY="k3" * 30 + "ab0XY",
        SITE_URL="https://crosstalk.example",
        DATABASE_URL="postgres://app:x@127.0.0.1:1/app",
        CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        S3_BUCKET="mixtures",
        S3_ACCESS_KEY="a",
        S3_SECRET_KEY="b",
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "no issues" in outcome.stdout + outcome.stderr


def test_the_deploy_check_names_what_a_laptop_lacks(tmp_path: Path) -> None:
    found = start(tmp_path).stderr
    for number in ("crosstalk.E001", "crosstalk.W001", "crosstalk.W002", "W003"):
        assert number in found


def test_a_key_without_its_secret_is_refused(tmp_path: Path) -> None:
    found = start(tmp_path, S3_BUCKET="mixtures", S3_ACCESS_KEY="a").stderr
    assert "S3_ACCESS_KEY is set and S3_SECRET_KEY is not." in found


def test_the_example_environment_names_every_variable() -> None:
    read = re.findall(r'env\.\w+\(\s*"([A-Z0-9_]+)"', SETTINGS.read_text())
    example = (ROOT / "deploy" / "env.example").read_text()
    named = re.findall(r"^#? ?([A-Z0-9_]+)=", example, re.MULTILINE)
    assert sorted(set(named)) == sorted(set(read))


def test_every_variable_changes_something() -> None:
    """Ours are read beyond their own line; Django and allauth read the rest."""
    lines = SETTINGS.read_text().splitlines()
    ours = re.compile(r"^([A-Z0-9_]+)(?:, [A-Z0-9_]+)? = .*\benv\.")
    names = [found[1] for line in lines if (found := ours.match(line))]
    sources = [path.read_text() for path in (ROOT / "platform").rglob("*.py")]
    text = "\n".join(sources)
    for name in names:
        if not hasattr(global_settings, name):
            assert len(re.findall(rf"\b{name}\b", text)) > 2, name
