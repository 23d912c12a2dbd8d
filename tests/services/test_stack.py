"""The whole site runs as real processes, on both kinds of machine."""

import time
from pathlib import Path

import pytest

from tests.services.fixtures import OpenBrowser
from tests.stack import Stack


def test_the_site_is_ready_and_serves_its_first_page(stack: Stack) -> None:
    assert stack.answers("/healthz")
    assert stack.answers("/readyz")
    assert stack.answers("/")
    assert not stack.answers("/no-such-page/")


def test_a_command_runs_with_the_settings_of_the_site(stack: Stack) -> None:
    ask = "from django.conf import settings; print(settings.SITE_URL)"
    assert stack.manage("shell", "--no-imports", "-c", ask).strip() == stack.url("")


def test_a_command_that_ends_badly_shows_its_output(stack: Stack) -> None:
    with pytest.raises(
        RuntimeError, match="no-such-command ended with 1:(.|\n)*Unknown"
    ):
        stack.manage("no-such-command")


def test_killing_the_worker_leaves_none_of_its_processes(stack: Stack) -> None:
    if stack.worker is None:
        stack.start_worker()
    assert stack.worker is not None
    group = stack.worker.process.pid
    stack.kill_worker()
    deadline = time.monotonic() + 10  # the kernel ends them one by one
    while group in process_groups() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert group not in process_groups()
    stack.start_worker()
    assert stack.worker.process.poll() is None


def process_groups() -> set[int]:
    """The process groups of all processes that are not yet dead."""
    fields = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields.append(stat.read_text().rpartition(")")[2].split())
        except OSError:
            continue  # it ended meanwhile
    return {int(group) for state, _, group, *_ in fields if state not in "ZX"}


def test_a_browser_sees_the_site_without_complaints(
    stack: Stack, chromium: OpenBrowser
) -> None:
    page = chromium().new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda trouble: complaints.append(str(trouble)))
    answer = page.goto(stack.url("/"))
    assert answer is not None and answer.ok
    assert page.title()
    assert complaints == []
