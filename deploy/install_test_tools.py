"""Installs the programs that tests start, or says which tests will be skipped."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy import debian


@dataclass(frozen=True)
class Tool:
    """A program that is asked for by name, and the tests that are skipped without."""

    program: str
    package: str
    tests: str
    folders: str = "/usr/sbin"

    def is_there(self) -> bool:
        if shutil.which(self.program):
            return True
        top = Path("/")
        return any(top.glob(f"{self.folders.lstrip('/')}/{self.program}"))


BROWSER = "every test in a browser"
OBJECTS = "every test on an S3 server"
TOOLS = (
    Tool(
        "postgres",
        "postgresql",
        "every test on PostgreSQL",
        folders="/usr/lib/postgresql/*/bin",
    ),
    Tool("redis-server", "redis-server", "every test on Redis"),
    Tool("ceph", "ceph-common", OBJECTS),
    Tool("ceph-mon", "ceph-mon", OBJECTS),
    Tool("ceph-osd", "ceph-osd", OBJECTS),
    Tool("radosgw", "radosgw", OBJECTS),
    Tool("chromium", "chromium", BROWSER),
    Tool("espeak-ng", "espeak-ng", "the tests that synthesize speech"),
    Tool("ffmpeg", "ffmpeg", "the tests that convert recordings"),
    Tool("node", "nodejs", "the tests of the JavaScript modules"),
)


def missing() -> list[Tool]:
    return [tool for tool in TOOLS if not tool.is_there()]


def main() -> int:
    absent = missing()
    if absent and debian.can_install():
        packages = sorted({tool.package for tool in absent})
        print("Installing what tests start:", *packages, flush=True)
        if trouble := debian.install(packages):
            print(f"apt-get did not install them:\n{trouble}", file=sys.stderr)
        absent = missing()
    if not absent:
        return 0
    for tool in absent:
        print(f"{tool.program} is missing: {tool.tests} will be skipped.")
    packages = sorted({tool.package for tool in absent})
    print("To run them: apt-get install", *packages, "(as root), then repeat.")
    if os.environ.get("CI") == "true":
        print("CI=true: nothing may be skipped, so this ends here.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
