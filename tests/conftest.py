"""What every test may rely on: its own folders, honest skips, real services."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

pytest_plugins = ["tests.services.fixtures"]

SPEECH = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
SERVICE_FIXTURES = {"postgres_url", "redis_url", "object_store", "stack"}


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    """No test reads or writes the demo's files or counts on another's cache."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": str(tmp_path),
        }
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    for item in items:
        wanted = set(getattr(item, "fixturenames", ()))
        if wanted & SERVICE_FIXTURES:
            item.add_marker("services")
        if "chromium" in wanted:
            item.add_marker("browser")
    if not SPEECH.is_dir():
        speech = [item for item in items if item.get_closest_marker("speech")]
        config.hook.pytest_deselected(items=speech)
        items[:] = [item for item in items if item not in speech]


class NothingSkipped:
    """In CI a skipped test is a failure: there nobody reads the reasons."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            self.reasons.append(f"{report.nodeid}: {why}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.reasons and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(hookwrapper=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Iterator[None]:
        yield
        if self.reasons:
            terminalreporter.section("CI=true: skipped tests count as failures")
            for reason in self.reasons:
                terminalreporter.line(reason)


def pytest_configure(config: pytest.Config) -> None:
    is_worker_of_xdist = hasattr(config, "workerinput")
    if os.environ.get("CI") == "true" and not is_worker_of_xdist:
        config.pluginmanager.register(NothingSkipped(), "nothing-skipped")
