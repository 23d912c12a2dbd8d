"""Two raters at the same instant: no item is given twice, no score stored twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def race(database: str, folder: Path) -> dict[str, object]:
    env = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
        "DATABASE_URL": database,
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
    }
    for command in (["manage.py", "migrate", "-v0"], ["-m", "tests.ratings.race"]):
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
    found: dict[str, object] = json.loads(ended.stdout)
    return found


EXPECTED = {"items": 12, "answers": {"taken": 1, "already": 11}, "ratings": 2}


def test_raters_at_the_same_instant_hear_different_items(tmp_path: Path) -> None:
    assert race(f"sqlite://{tmp_path}/race.sqlite3", tmp_path) == EXPECTED


@pytest.mark.services
def test_raters_at_the_same_instant_hear_different_items_on_postgresql(
    postgres_url: str, tmp_path: Path
) -> None:
    assert race(postgres_url, tmp_path) == EXPECTED
