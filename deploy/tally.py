"""Adds up the JUnit files of a test run: `tally.py [--also-failed STEP] FILE...`."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path


def count(files: Sequence[Path]) -> dict[str, int]:
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    for suite in (s for path in files for s in ET.parse(path).iter("testsuite")):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        totals["failed"] += failed
        totals["skipped"] += skipped
        totals["passed"] += int(suite.get("tests", 0)) - failed - skipped
    return totals


def main(arguments: list[str]) -> str:
    step = ""
    if arguments[:1] == ["--also-failed"]:
        step, arguments = arguments[1], arguments[2:]
    totals = count([Path(name) for name in arguments])
    if step and not totals["failed"]:  # not a step that counts tests
        totals["failed"] = 1
    line = f"{totals['passed']} passed, {totals['failed']} failed"
    return line + (f", {totals['skipped']} skipped" if totals["skipped"] else "")


if __name__ == "__main__":
    print(main(sys.argv[1:]))
