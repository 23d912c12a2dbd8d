"""Adds up a run's JUnit and TAP files: `tally.py [--also-failed STEP] FILE...`."""

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

WORDS = {
    "pass": "passed",
    "fail": "failed",
    "cancelled": "failed",
    "skipped": "skipped",
}


def count(files: Sequence[Path]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for path in files:
        totals += of_node(path) if path.suffix == ".tap" else of_pytest(path)
    return totals


def of_pytest(path: Path) -> Counter[str]:
    totals: Counter[str] = Counter()
    for suite in ET.parse(path).iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        passed = int(suite.get("tests", 0)) - failed - skipped
        totals.update(passed=passed, failed=failed, skipped=skipped)
    return totals


def of_node(path: Path) -> Counter[str]:
    totals: Counter[str] = Counter()
    for word, number in re.findall(r"^# (\w+) (\d+)$", path.read_text(), re.MULTILINE):
        totals[WORDS.get(word, "")] += int(number)
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
