"""What a pair of speakers does on the pages."""

from playwright.sync_api import Locator, Page, expect

RATE = 44_100  # Hz, what Chromium's fake microphone runs at


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def agree(page: Page, site: str, *, check: bool = False) -> None:
    """Up to the record page; `check` takes the microphone check too, 6 s."""
    if not check:
        checked = {"name": "microphone", "value": "1", "url": site}
        page.context.add_cookies([checked])  # type: ignore[list-item]
    page.goto(f"{site}/record/")
    page.get_by_role("link", name="Take part").click()
    consent(page)
    button(page, "Continue").click()
    if check:
        check_microphone(page)


def consent(page: Page) -> None:
    page.get_by_label("Speaker A").check()
    page.get_by_label("Speaker B").check()
    button(page, "We agree").click()
    page.get_by_role("heading", name="About you and your room").wait_for()


def check_microphone(page: Page) -> None:
    button(page, "Start the check").click()
    button(page, "Continue").click(timeout=20_000)
    button(page, "Record").wait_for()


def record_alone(page: Page, seconds: float = 2.5) -> None:
    """Silence, which stops by itself, then each voice."""
    button(page, "Record").click()
    after = page.get_by_role("heading", name="Speaker A alone")
    send = button(page, "Send")  # if the fake microphone was not silent
    expect(after.or_(send)).to_be_visible(timeout=15_000)
    if send.is_visible():
        send.click()
    for speaker, longer in (("A", 0.0), ("B", 0.7)):
        page.get_by_role("heading", name=f"Speaker {speaker} alone").wait_for()
        record(page, seconds + longer)  # the fake microphone begins anew: no copy
        button(page, "Send").click()
    page.get_by_role("heading", name="Both read at once").wait_for()


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
