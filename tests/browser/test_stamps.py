"""The staff page of stamps in Chromium: look one up, redeem it, by keyboard."""

import os
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from marketplace.models import Redemption
from people.models import User
from tests.marketplace.test_redemption import make_stamp
from tests.services.fixtures import Axe, OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SCREENSHOTS")  # a folder, to look at the pages
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def sign_in(page: Page, server: LiveServer) -> None:
    client = Client()
    client.force_login(User.objects.create_user("staff@example.org", is_staff=True))
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [{"name": "sessionid", "value": session, "url": server.url}]
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_staff_look_up_and_redeem_a_pasted_stamp(
    live_server: LiveServer, chromium: OpenBrowser, axe: Axe, width: int
) -> None:
    stamp, _ = make_stamp(1), make_stamp(2, state="withdrawn")
    page = chromium().new_page(viewport={"width": width, "height": 900})
    sign_in(page, live_server)
    page.goto(live_server.url + "/staff/stamps/")
    search, redeem = page.locator("main form").all()
    search.get_by_label("Stamp").fill(stamp.code.lower())
    page.keyboard.press("Enter")
    expect(page.locator("dl.facts")).to_contain_text("take:1")
    expect(redeem.get_by_label("Stamp")).to_have_value(stamp.code)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if SHOTS:
            page.screenshot(
                path=Path(SHOTS) / f"stamps-{width}-{scheme}.png", full_page=True
            )
        assert axe(page) == []
        assert page.evaluate(OVERFLOW) <= 0
    redeem.get_by_label("Worker").fill("W1")
    redeem.get_by_label("Assignment").fill("A1")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{stamp.code} is redeemed for W1.")).to_be_visible()
    assert Redemption.objects.get().stamp == stamp
