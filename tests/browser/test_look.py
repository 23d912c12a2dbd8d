"""How the site looks and feels: accessibility, small screens, themes, targets."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from people.models import User
from tests.services.fixtures import Axe, OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, DESK = 390, 1280
OPEN = ["/", "/styleguide/", "/no-such-page/", "/accounts/email/", "/accounts/logout/"]
SIGNED_OUT = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
SMALL_TARGETS = """() => {
  const controls = "a, button, select, summary, input:not([type=hidden])";
  const inText = "p, table, label, .skip, .helptext";
  return [...document.querySelectorAll(controls)]
    .filter((control) => !control.closest(inText))
    .map((control) => [control.outerHTML.slice(0, 90), control.getBoundingClientRect()])
    .filter(([, box]) => box.height && Math.min(box.height, box.width) < 43.5)
    .map(([html]) => html);
}"""
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def staff_page(
    browser: Browser, server: LiveServer, width: int = DESK, scheme: str = "light"
) -> Page:
    client = Client()
    client.force_login(
        User.objects.create_superuser(email="staff@example.org", password="x")
    )
    page = open_page(browser, width, scheme)
    page.context.add_cookies(
        [
            {
                "name": "sessionid",
                "value": client.cookies["sessionid"].value,
                "url": server.url,
            }
        ]
    )
    return page


def open_page(browser: Browser, width: int = DESK, scheme: str = "light") -> Page:
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    return context.new_page()


def every_page(
    browser: Browser, server: LiveServer, width: int, scheme: str
) -> Iterator[tuple[Page, str]]:
    staff = staff_page(browser, server, width, scheme)
    stranger = open_page(browser, width, scheme)
    for page, paths in ((staff, OPEN), (stranger, SIGNED_OUT)):
        for path in paths:
            page.goto(server.url + path)
            yield page, path


@pytest.mark.parametrize(("width", "scheme"), [(PHONE, "light"), (DESK, "dark")])
def test_pages_are_accessible(
    chromium: OpenBrowser, axe: Axe, live_server: LiveServer, width: int, scheme: str
) -> None:
    """Colors in the two other combinations: tests/config/test_colors.py."""
    for page, path in every_page(chromium(), live_server, width, scheme):
        assert page.evaluate(SMALL_TARGETS) == [], path
        found = [
            (rule["id"], [node["target"] for node in rule["nodes"]])
            for rule in axe(page)
        ]
        assert found == [], path


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_no_page_is_wider_than_the_screen(
    chromium: OpenBrowser, live_server: LiveServer, width: int
) -> None:
    for page, path in every_page(chromium(), live_server, width, "light"):
        assert page.evaluate(OVERFLOW) <= 0, f"{path} is wider than {width} px"


def test_the_csp_has_nothing_to_refuse(
    chromium: OpenBrowser, live_server: LiveServer
) -> None:
    page = staff_page(chromium(), live_server)
    refused: list[str] = []
    page.on(
        "console",
        lambda line: (
            refused.append(line.text)
            if "Content Security Policy" in line.text
            else None
        ),
    )
    page.on("pageerror", lambda trouble: refused.append(str(trouble)))
    for path in OPEN:
        answer = page.goto(live_server.url + path)
        assert (
            answer and "script-src 'self'" in answer.headers["content-security-policy"]
        )
    assert refused == []


def test_the_theme_switch_is_remembered(
    chromium: OpenBrowser, live_server: LiveServer
) -> None:
    page = open_page(chromium(), scheme="light")
    page.goto(live_server.url)
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Dark theme").click()
    answer = page.reload()
    assert answer and 'data-theme="dark"' in answer.text()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    assert page.locator("[data-theme-toggle]").get_attribute("aria-pressed") == "true"


def test_the_stamp_is_copied_with_one_press(
    chromium: OpenBrowser, live_server: LiveServer
) -> None:
    page = staff_page(chromium(), live_server)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(live_server.url + "/styleguide/")
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied. Paste it in the marketplace.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "K7QM-2XRD-9FWA"


def test_a_score_is_given_with_the_keyboard_alone(
    chromium: OpenBrowser, live_server: LiveServer
) -> None:
    page = staff_page(chromium(), live_server)
    page.goto(live_server.url + "/styleguide/")
    page.locator("[name=g-score]").nth(3).focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", name="5 excellent").first.is_checked()


def test_the_skip_link_is_the_first_stop(
    chromium: OpenBrowser, live_server: LiveServer
) -> None:
    page = open_page(chromium())
    page.goto(live_server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert re.search("#main$", page.url)
    assert page.evaluate("document.activeElement.id") == "main"
