"""Nothing recorded is lost or doubled, whatever happens to page, net and site."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from recordings.models import Mixture, Stamp
from tests.browser.pair import (
    agree,
    button,
    is_accepted,
    listen_and_send,
    record,
)
from tests.recordings.factories import make_campaign
from tests.services.fixtures import OpenBrowser
from tests.services.processes import scratch_folder
from tests.stack import Stack

CAMPAIGN = """
from django.utils import timezone
from people import consent
from recordings.models import Campaign, Prompt
now = timezone.now()
text = consent.current("record", body="We record both voices.", now=now)
campaign = Campaign.objects.create(
    slug="one", title="One", consent_text=text, takes_per_session=1, is_open=True,
    has_solo_takes=False, created_at=now,
)
for sentence in ("The kettle sings.", "Rain falls on the roof."):
    Prompt.objects.create(campaign=campaign, text=sentence)
"""
COUNT = """
import json
from recordings.models import Mixture, Stamp
print(json.dumps([Mixture.objects.count(), Stamp.objects.count()]))
"""


@pytest.fixture
def context(chromium: OpenBrowser, microphone: Path) -> BrowserContext:
    return chromium(microphone).new_context()


@pytest.fixture
def page(context: BrowserContext, live_server: LiveServer) -> Page:
    """Where a pair has just recorded."""
    make_campaign()
    page = context.new_page()
    agree(page, live_server.url)
    record(page, seconds=1.5)
    return page


def one_of_each() -> bool:
    return Mixture.objects.count() == Stamp.objects.count() == 1


def waits(page: Page) -> None:
    expect(page.get_by_text("It is kept on this device")).to_be_visible()
    expect(page.get_by_role("heading", name="Kept on this device")).to_be_visible()


@pytest.mark.parametrize("cut", ["upload", "finish"])
def test_a_reload_in_the_middle_of_an_upload_loses_nothing(
    page: Page, cut: str
) -> None:
    def hold(route: Route) -> None:
        if cut == "finish":
            route.fetch()  # the site has it, and its answer is lost

    page.route(f"**/{cut}/", hold)
    with page.expect_request(f"**/{cut}/"):
        listen_and_send(page)
    page.wait_for_timeout(500)
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    if cut == "upload":
        is_accepted(page)
    expect(page.get_by_role("heading", name="Kept on this device")).to_be_hidden()
    assert one_of_each()


def test_a_killed_tab_is_made_up_for_by_the_next(
    page: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    page.route("**/upload/", lambda route: None)
    with page.expect_request("**/upload/"):
        listen_and_send(page)
    page.close()
    other = context.new_page()
    with other.expect_response("**/finish/"):
        other.goto(f"{live_server.url}/record/")
    expect(other.get_by_role("heading", name="Kept on this device")).to_be_hidden()
    assert one_of_each()


def test_what_was_recorded_but_not_sent_survives_a_reload(page: Page) -> None:
    page.reload()
    expect(button(page, "Send")).to_be_disabled()
    listen_and_send(page)
    is_accepted(page)
    assert one_of_each()


def test_offline_it_waits_and_goes_when_the_network_is_back(
    page: Page, context: BrowserContext
) -> None:
    context.set_offline(True)
    listen_and_send(page)
    waits(page)
    expect(page.get_by_text("The site cannot be reached.")).to_be_visible()
    assert not Mixture.objects.exists()
    context.set_offline(False)
    is_accepted(page)
    assert one_of_each()


def test_a_double_click_sends_once(page: Page) -> None:
    uploads: list[str] = []
    page.on("request", lambda asked: uploads.append(asked.url))
    button(page, "Listen").click()
    expect(button(page, "Send")).to_be_enabled(timeout=15_000)
    button(page, "Send").dblclick()
    is_accepted(page)
    assert len([url for url in uploads if url.endswith("/upload/")]) == 1
    assert one_of_each()


@pytest.mark.parametrize("locks", ["Web Locks", "leases"])
def test_two_tabs_send_once_and_both_see_the_stamp(
    page: Page, context: BrowserContext, locks: str
) -> None:
    if locks == "leases":
        without = "Object.defineProperty(navigator, 'locks', { value: undefined })"
        context.add_init_script(without)
        page.reload()
    uploads: list[str] = []
    context.on("request", lambda asked: uploads.append(asked.url))
    context.set_offline(True)
    listen_and_send(page)
    waits(page)
    context.set_offline(False)
    page.route("**/*", lambda route: route.abort())  # it still cannot
    other = context.new_page()
    other.route("**/upload/", lambda route: route.abort(), times=1)
    other.goto(page.url)
    page.unroute_all()
    is_accepted(page)
    is_accepted(other)
    assert page.locator("#stamp").inner_text() == other.locator("#stamp").inner_text()
    sent = [url for url in uploads if url.endswith("/finish/")]
    assert len(sent) == 1
    assert one_of_each()


def test_a_refused_take_stays_with_its_reason_and_is_recorded_again(
    live_server: LiveServer, context: BrowserContext
) -> None:
    make_campaign(min_seconds=3)
    page = context.new_page()
    agree(page, live_server.url)
    record(page, seconds=0.1)
    listen_and_send(page)
    expect(page.get_by_role("alert")).to_contain_text("must last between 3 and 20 s")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("must last between 3 and 20 s")
    kept = page.locator("#outbox li")
    expect(kept).to_contain_text("Not taken. The recording lasts")
    with page.expect_download() as saved:
        kept.get_by_role("button", name="Save the file").click()
    assert saved.value.suggested_filename.endswith(".wav")
    record(page, seconds=3)
    listen_and_send(page)
    is_accepted(page)
    expect(kept).to_have_count(0)


def test_a_full_device_is_told_of_and_the_recording_still_arrives(
    live_server: LiveServer, context: BrowserContext
) -> None:
    make_campaign()
    page = context.new_page()
    page.add_init_script(
        "IDBObjectStore.prototype.put = () => {"
        "  throw new DOMException('full', 'QuotaExceededError'); };"
    )
    agree(page, live_server.url)
    record(page, seconds=1.5)
    told = page.get_by_role("alert")
    expect(told).to_contain_text("This device has no room to keep the recording")
    listen_and_send(page)
    is_accepted(page)
    assert one_of_each()


@pytest.fixture
def site() -> Iterator[Stack]:
    """A web process that can be killed."""
    with scratch_folder("outbox") as folder:
        stack = Stack("sqlite-files", folder, {})
        stack.manage("migrate", "--no-input")
        stack.manage("shell", "-c", CAMPAIGN)
        stack.start_web()
        yield stack
        stack.stop()


def test_a_site_that_is_killed_and_comes_back_gets_it_once(
    site: Stack, context: BrowserContext
) -> None:
    page = context.new_page()
    agree(page, site.url("").rstrip("/"))
    record(page, seconds=1.5)
    assert site.web is not None
    site.web.kill()
    listen_and_send(page)
    waits(page)
    page.wait_for_timeout(6000)
    expect(page.get_by_text("The site cannot be reached.")).to_be_visible()
    site.start_web()
    is_accepted(page)
    assert json.loads(site.manage("shell", "-v", "0", "-c", COUNT)) == [1, 1]
