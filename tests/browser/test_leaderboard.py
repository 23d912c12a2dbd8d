"""The leaderboard in Chromium: on phone and desk, in both themes, by keyboard."""

import os
from pathlib import Path
from random import Random
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from recordings.models import Campaign
from separation.models import Estimate
from tests.leaderboard import rows
from tests.services.fixtures import Axe, OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("SCREENSHOTS")  # a folder, to look at the pages
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
QUALITY = {
    "sepformer": 9.0,
    "dprnn": 6.5,
    "conv-tasnet": 5.5,
    "mask-lstm": 3.0,
    "kept-whole": 1.0,
    "identity": -0.5,
}
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
CAMPAIGN, SEPARATOR = "/leaderboard/demo/", "/separators/conv-tasnet/"


def score(si_snr_db: float) -> int:
    return min(5, max(1, round(2.5 + si_snr_db / 5)))


def make_demo() -> Campaign:
    """Six separators on eight mixtures, rated by programs; one returned silence."""
    chance = Random(7)
    campaign = rows.make_campaign(
        "demo",
        title="Demonstration: synthesized voices",
        description="Short mixtures of synthesized voices in several accents.",
        is_demo=True,
    )
    estimator, study = rows.make_estimator(), rows.make_study(campaign)
    raters = [rows.make_rater(study, f"bot-{n}", is_simulated=True) for n in range(3)]
    mixtures = [rows.make_mixture(campaign, f"demo-{n:02}") for n in range(1, 9)]
    for name, quality in QUALITY.items():
        title = f"{name}, small, early in its training"
        separator = rows.make_separator(name, title=title)
        for mixture in mixtures:
            one, two = (quality + chance.gauss(0, 2) for _ in range(2))
            estimates = rows.make_scored_run(mixture, separator, estimator, (one, two))
            for rater in raters:
                heard = [score(value + chance.gauss(0, 5)) for value in (one, two)]
                rows.rate(rater, dict(zip(estimates, heard, strict=True)))
    Estimate.objects.update(measured_si_snr_db=5.5, mixture_si_snr_db=0.1)
    silent = rows.make_run(mixtures[0], rows.make_separator("silence"))
    for source in (1, 2):
        rows.make_estimate(silent, source, is_silent=True)
    rows.make_separator("newcomer", licence="CC-BY-4.0, weights for research only")
    return campaign


def open_page(browser: Browser, width: int) -> Page:
    return browser.new_context(viewport={"width": width, "height": 900}).new_page()


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_fit_and_violate_no_rule_of_accessibility(
    live_server: LiveServer, chromium: OpenBrowser, axe: Axe, width: int
) -> None:
    make_demo()
    page = open_page(chromium(), width)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in (CAMPAIGN, SEPARATOR):
        page.goto(live_server.url + path)
        for summary in page.locator("summary").all():
            summary.click()
        for wrap in page.locator(".standings").all() if width > 1000 else []:
            assert wrap.evaluate("wrap => wrap.scrollWidth - wrap.clientWidth") <= 0
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            shoot(page, f"{path.strip('/').replace('/', '-')}-{width}-{scheme}")
            assert page.evaluate(OVERFLOW) <= 0, f"{path} is wider than {width} px"
            assert axe(page) == []
    assert not [text for text in said if "Content Security Policy" in text]


def shoot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_the_table_is_sorted_by_keyboard(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    make_demo()
    page = open_page(chromium(), 1280)
    page.goto(live_server.url + CAMPAIGN)
    names = page.locator(".standings tbody th a")
    expect(names.first).to_contain_text("sepformer")
    expect(names.last).to_have_text("Newcomer")
    press(page, "Predicted SI-SNR")
    expect(page).to_have_url(live_server.url + CAMPAIGN + "?sort=-predicted")
    expect(names.first).to_have_text("Silence")
    expect(names.last).to_have_text("Newcomer")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Predicted SI-SNR")
    press(page, "MOS")
    expect(page).to_have_url(live_server.url + CAMPAIGN + "?sort=mos")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("MOS")
    marks = page.locator("svg.agreement .mark")
    expect(marks).to_have_count(96)
    told = marks.first.locator("title").text_content() or ""
    assert "dB predicted, MOS" in told and "3 ratings (simulated)" in told


def press(page: Page, column: str) -> None:
    link = page.locator(".standings").get_by_role("link", name=column, exact=True)
    link.focus()
    page.keyboard.press("Enter")
