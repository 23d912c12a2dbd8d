"""Installs Debian packages, where that is possible."""

import os
import shutil
import subprocess
from collections.abc import Sequence

APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300"]  # seconds another apt may take


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> str:
    """Return what apt complained about, or "" if everything is there now."""
    # RUNLEVEL=1 keeps the packages from starting their servers on this machine.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    options = ["install", "-y", "-q", "--no-install-recommends"]
    for command in ([*APT, "update", "-q"], [*APT, *options, *packages]):
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    return "" if done.returncode == 0 else "\n".join(done.stdout.splitlines()[-8:])
