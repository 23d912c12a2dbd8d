"""A rater in Chromium: hears everything to its end, then scores, by keyboard alone."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from ratings.models import Rating, Session
from recordings.stamps import is_well_formed
from tests.ratings.factories import study
from tests.services.fixtures import Axe, OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SCREENSHOTS")  # a folder, to look at the pages


def enroll(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/rate/")
    page.get_by_role("link", name="Take part").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and start").click()
    expect(page.locator("[data-sound='2'] button")).to_be_enabled(timeout=15_000)


def box(page: Page, sound: int) -> Locator:
    return page.locator(f"[data-sound='{sound}']")


def hear(page: Page, sound: int) -> None:
    box(page, sound).get_by_role("button").click()
    expect(box(page, sound)).to_have_attribute("data-heard", "", timeout=15_000)


def hear_all(page: Page) -> None:
    for sound in range(3):
        hear(page, sound)


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_scales_open_when_every_sound_was_heard_to_its_end(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    study(items_per_session=1)
    page = chromium().new_page()
    enroll(page, live_server)
    scales = page.get_by_role("radio")
    send = page.get_by_role("button", name="Send scores")
    hear(page, 0)
    hear(page, 1)
    box(page, 2).get_by_role("button").click()
    page.wait_for_timeout(500)
    box(page, 2).get_by_role("button").click()  # stopped before its end
    expect(box(page, 2).get_by_text("not heard")).to_be_visible()
    for scale in scales.all():
        expect(scale).to_be_disabled()
    hear(page, 2)
    for scale in scales.all():
        expect(scale).to_be_enabled()
    expect(send).to_be_disabled()
    assert page.locator("input:checked").count() == 0  # no score is preset


def test_a_session_by_keyboard_alone_ends_with_a_stamp(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    study(mixtures=2, separators=1, items_per_session=2)
    page = chromium().new_page()
    enroll(page, live_server)
    for number in (1, 2):
        expect(page.get_by_text(f"{number} of 2")).to_be_visible()
        by_keyboard(page)
    stamp = page.locator("#stamp")
    expect(stamp).to_be_visible()
    assert is_well_formed(stamp.inner_text())
    assert sorted(Rating.objects.values_list("score", flat=True)) == [2, 2, 4, 4]
    assert Session.objects.get().finished_at


def by_keyboard(page: Page) -> None:
    """Tab from one part to the next, as a reader without a mouse does."""
    expect(page.locator("[data-sound='2'] button")).to_be_enabled(timeout=15_000)
    for sound in range(3):
        tab_to(page, box(page, sound).get_by_role("button"))
        page.keyboard.press("Enter")
        expect(box(page, sound)).to_have_attribute("data-heard", "", timeout=15_000)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.locator("h1").click()  # back to the top, as Ctrl+Home does
    for sound, key in ((1, "4"), (2, "2")):
        tab_to(page, box(page, sound).get_by_role("radio").first)
        page.keyboard.press(key)
        expect(box(page, sound).get_by_role("radio").nth(int(key) - 1)).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Send scores"))
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def tab_to(page: Page, wanted: Locator) -> None:
    for _ in range(40):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"40 tabs did not reach {wanted}")


def test_a_reload_keeps_what_was_heard(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    study()
    page = chromium().new_page()
    enroll(page, live_server)
    hear_all(page)
    page.reload()
    expect(page.get_by_role("radio").first).to_be_enabled()
    expect(page.get_by_text("1 of 10")).to_be_visible()


def test_one_sound_plays_at_a_time(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    study()
    page = chromium().new_page()
    enroll(page, live_server)
    box(page, 0).get_by_role("button").click()
    expect(box(page, 0).get_by_role("button")).to_have_text("Stop The recording")
    box(page, 1).get_by_role("button").click()
    expect(box(page, 0).get_by_role("button")).to_have_text("Play The recording")
    expect(box(page, 1).get_by_role("button")).to_have_text("Stop Source A")


def test_without_javascript_the_page_says_what_it_needs(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    study()
    page = chromium().new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/rate/overall/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and start").click()
    assert "Please allow JavaScript" in page.inner_text("main")
    expect(page.get_by_role("button", name="Send scores")).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_of_a_rater_is_accessible_and_fits(
    live_server: LiveServer, chromium: OpenBrowser, axe: Axe, width: int, theme: str
) -> None:
    study(items_per_session=1)
    context = chromium().new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text))
    page.on("pageerror", lambda thrown: problems.append(str(thrown)))

    def look(name: str) -> None:
        assert axe(page) == []
        fits = "document.documentElement.scrollWidth <= innerWidth"
        assert page.evaluate(fits), f"{name} is wider than the window"
        shoot(page, f"rate-{name}-{width}-{theme}")

    page.goto(f"{live_server.url}/rate/")
    look("studies")
    page.get_by_role("link", name="Take part").click()
    look("consent")
    page.get_by_role("button", name="Agree and start").click()
    expect(page.get_by_text("ratings need your agreement")).to_be_visible()
    problems.clear()  # Chromium notes the answer 422
    enroll(page, live_server)
    look("before")
    hear_all(page)
    for number, score in ((1, 4), (2, 2)):
        box(page, number).get_by_role("radio").nth(score - 1).check()
    look("scored")
    page.get_by_role("button", name="Send scores").click()
    expect(page.locator("#stamp")).to_be_visible()
    look("stamp")
    assert problems == []
