"""In CI a skipped test is a failure: there nobody reads the reasons."""

import os
from collections.abc import Iterator

import pytest


class NothingSkipped:
    """Turns a green session with skipped tests into a red one."""

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
