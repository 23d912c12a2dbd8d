"""Fixtures that need a server or a browser; without it the test is skipped."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.services import object_store as objects
from tests.services.postgres import postgres
from tests.services.processes import ServiceUnavailable, scratch_folder
from tests.services.redis_server import redis_server
from tests.stack import KINDS, Stack, running_stack

T = TypeVar("T")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class OpenBrowser(Protocol):
    """`chromium()` or `chromium(Path("mixture.wav"))`; 44.1 kHz is captured exactly."""

    def __call__(self, fake_microphone: Path | None = None) -> Browser: ...


Axe = Callable[[Page], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with scratch_folder("postgres") as folder, _or_skip(postgres(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with scratch_folder("redis") as folder, _or_skip(redis_server(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def object_store() -> Iterator[objects.ObjectStore]:
    store = objects.object_store
    with scratch_folder("s3") as folder, _or_skip(store(folder)) as running:
        yield running


@pytest.fixture(scope="session", params=KINDS)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The whole site, once on SQLite and files, once on PostgreSQL, Redis and S3."""
    with _or_skip(running_stack(request.param)) as running:
        yield running


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenBrowser]:
    """Open browsers; all of them are closed when the test ends."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip(
            f"None of the programs {', '.join(CHROMIUM_NAMES)} was found. "
            "Run `python3 -m deploy.install_test_tools` as root."
        )
    # Playwright keeps an event loop in this thread, which Django takes for async code.
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with ExitStack() as opened:
        driver = opened.enter_context(sync_playwright())

        def open_browser(fake_microphone: Path | None = None) -> Browser:
            flags = [*QUIET, *_microphone_flags(fake_microphone)]
            browser = driver.chromium.launch(executable_path=program, args=flags)
            opened.callback(browser.close)
            return browser

        yield open_browser


@pytest.fixture(scope="session")
def axe() -> Axe:
    """A function that lists the accessibility rules that a page violates."""
    found = find_spec("axe_playwright_python")
    assert found and found.submodule_search_locations
    folder = Path(found.submodule_search_locations[0])
    source = (folder / "axe.min.js").read_text(encoding="utf-8")

    def violations(page: Page) -> list[dict[str, Any]]:
        page.evaluate(source)  # not a <script>: the site's CSP refuses foreign ones
        options = {"runOnly": list(AXE_RULES)}
        ask = "options => axe.run(document, options).then(found => found.violations)"
        listed: list[dict[str, Any]] = page.evaluate(ask, options)
        return listed

    return violations


def _microphone_flags(recording: Path | None) -> list[str]:
    if recording is None:
        return []
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}%noloop",
    ]


@contextmanager
def _or_skip(service: AbstractContextManager[T]) -> Iterator[T]:
    with ExitStack() as running:
        try:
            value = running.enter_context(service)
        except ServiceUnavailable as missing:
            pytest.skip(str(missing))
        yield value
