"""What a pair of speakers does on the pages."""

from playwright.sync_api import Locator, Page, expect

RATE = 44_100  # Hz, what Chromium's fake microphone runs at


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def agree(page: Page, site: str) -> None:
    page.goto(f"{site}/record/")
    page.get_by_role("link", name="Take part").click()
    page.get_by_label("Speaker A").check()
    page.get_by_label("Speaker B").check()
    button(page, "Start recording").click()


def record(page: Page, seconds: float) -> None:
    button(page, "Record").click()
    button(page, "Stop").wait_for()
    page.wait_for_timeout(1000 * seconds)
    button(page, "Stop").click()
    button(page, "Listen").wait_for()


def listen_and_send(page: Page) -> None:
    button(page, "Listen").click()
    expect(button(page, "Send")).to_be_enabled(timeout=15_000)
    button(page, "Send").click()


def is_accepted(page: Page) -> None:
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible(timeout=15_000)
