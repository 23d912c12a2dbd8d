#!/usr/bin/env python3
"""Finds a Python that is new enough and lets it install the project.

This file must stay readable for Python 3.6, so that an old one can say what it needs:
annotations in quotes, nothing newer.
"""

import os
import shutil
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWER = ["python3.14", "python3.13", "python3.12", "python3.11"]


def too_old(version: "tuple[int, int]") -> str:
    return (
        "Found Python {}.{} ({}); Crosstalk needs Python {}.{} or newer, and none of "
        "{} is on PATH.\n"
        "Install a newer Python (Debian 12 and Ubuntu 24.04 have one as python3) and "
        "repeat the command."
    ).format(*version, sys.executable, *OLDEST, ", ".join(NEWER))


def find_python(version: "tuple[int, int]") -> str:
    """This interpreter if it is new enough, else one from PATH, else ""."""
    if version >= OLDEST:
        return sys.executable
    found = [path for path in map(shutil.which, NEWER) if path]
    return found[0] if found else ""


def main() -> None:
    version = (sys.version_info[0], sys.version_info[1])
    python = find_python(version)
    if not python:
        sys.exit(too_old(version))
    os.chdir(str(Path(__file__).resolve().parent.parent))
    os.execv(python, [python, "-m", "deploy.environment", *sys.argv[1:]])


if __name__ == "__main__":
    main()
