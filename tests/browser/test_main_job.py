"""The main job, from a real overlapped recording to its place on the leaderboard."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from playwright.sync_api import Browser, BrowserContext, Page, expect
from scipy.signal import resample_poly

from tests.browser.pair import button, check_microphone, consent, record_alone
from tests.conftest import SPEECH
from tests.services.fixtures import Axe, OpenBrowser
from tests.stack import Stack

RECORDING = SPEECH / "real_mixtures" / "ami_2spk" / "tst00_0900_1213.flac"
FAKE_RATE = 44_100  # Hz, what Chromium's fake microphone runs at
RATERS = 3
CAMPAIGN = """
from django.utils import timezone
from people import consent
from recordings.models import Campaign, Prompt
from separation.models import Separator
from ratings import studies
now = timezone.now()
text = consent.current("record", body="We record both voices.", now=now)
campaign = Campaign.objects.create(
    slug="meeting", title="A meeting", consent_text=text, takes_per_session=1,
    is_open=True, created_at=now,
)
for sentence in ("The kettle sings.", "Rain falls on the roof."):
    Prompt.objects.create(campaign=campaign, text=sentence)
study = studies.create(
    campaign, slug="meeting-overall", title="Meeting voices", now=now,
    ratings_per_estimate=3, controls_per_session=0, repeats_per_session=0,
    items_per_session=Separator.objects.filter(is_active=True).count(),
)
studies.open_(study)
"""
STATES = """
import json
from separation.models import Run
print(json.dumps(list(Run.objects.values_list("state", flat=True))))
"""


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """Two people of a real meeting who talk at once, at the microphone's rate."""
    samples, rate = soundfile.read(RECORDING)
    path = tmp_path / "meeting.wav"
    soundfile.write(path, resample_poly(samples, FAKE_RATE, rate), FAKE_RATE, "PCM_16")
    return path


@pytest.mark.speech
def test_a_real_recording_ends_on_the_leaderboard(
    stack: Stack, chromium: OpenBrowser, meeting: Path, axe: Axe
) -> None:
    if stack.env.get("S3_BUCKET"):
        stack.manage("prepare_bucket")
    wait_for(lambda: "identity" in stack.manage("shell", "-c", SEPARATORS), 60)
    stack.manage("shell", "-c", CAMPAIGN)
    browser = chromium(meeting)

    stamp = record(browser, stack, axe)
    assert stamp.startswith("CT-")
    wait_for(lambda: "pending" not in stack.manage("shell", "-c", VERDICTS), 90)
    stack.manage("shell", "-c", ACCEPT)  # they talked, but read no sentence
    separators = wait_for_runs(stack)
    stack.manage("fill_studies")
    stamps = rate(browser, stack, axe, items=separators)
    assert len(set(stamps) | {stamp}) == RATERS + 1

    page = browser.new_page()
    page.goto(stack.url("/leaderboard/meeting/"))
    assert axe(page) == []
    rows = page.locator("table").first.locator("tbody tr")
    expect(rows).to_have_count(separators)
    answer = page.request.get(stack.url("/leaderboard/meeting.json"))
    for row in answer.json()["standings"]:
        assert -30 <= row["predicted_si_snr_db"] <= 40
        assert (row["ratings"], row["raters"]) == (2 * RATERS, RATERS)
        assert 1 <= row["mos_low"] <= row["mos"] <= row["mos_high"] <= 5
        assert row["simulated_ratings"] == 0
        assert row["measured_si_snr_db"] is None  # nobody knows the sources


SEPARATORS = """
from separation.models import Separator
print([separator.name for separator in Separator.objects.all()])
"""


VERDICTS = """
from recordings.models import Mixture
print([mixture.verdict for mixture in Mixture.objects.filter(campaign__slug="meeting")])
"""
ACCEPT = """
from django.utils import timezone
from people.models import User
from recordings import verdicts
from recordings.models import Mixture
listener = User.objects.create(email="listener@example.org", is_staff=True)
mixture = Mixture.objects.get(campaign__slug="meeting")
verdicts.decide(mixture, "accept", by=listener, now=timezone.now())
"""


def record(browser: Browser, stack: Stack, axe: Axe) -> str:
    """A pair consents, records while the meeting plays, listens, sends: a stamp."""
    page = browser.new_context(permissions=["microphone"]).new_page()
    page.goto(stack.url("/record/"))
    assert axe(page) == []
    page.get_by_role("link", name="A meeting", exact=True).click()
    consent(page)
    assert axe(page) == []
    button(page, "Continue").click()
    check_microphone(page)
    record_alone(page)
    assert axe(page) == []
    page.get_by_role("button", name="Record", exact=True).click()
    stop = page.get_by_role("button", name="Stop")
    expect(stop).to_be_visible(timeout=15_000)
    page.wait_for_timeout(2500)
    stop.click()
    page.get_by_role("button", name="Listen").click()
    send = page.get_by_role("button", name="Send")
    expect(send).to_be_enabled(timeout=15_000)
    send.click()
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible(timeout=15_000)
    assert axe(page) == []
    return page.locator("#stamp").inner_text()


def wait_for_runs(stack: Stack) -> int:
    """Wait until every active separator is done with the recording; how many."""
    states: list[str] = []

    def is_done() -> bool:
        states[:] = json.loads(stack.manage("shell", "-v", "0", "-c", STATES))
        return bool(states) and set(states) <= {"done", "failed"}

    wait_for(is_done, 180, explain=stack.logs)
    assert set(states) == {"done"}, stack.logs()
    return len(states)


def rate(browser: Browser, stack: Stack, axe: Axe, *, items: int) -> list[str]:
    """Three people hear everything and score it, side by side; their stamps."""
    pages = [enroll(browser.new_context(), stack) for _ in range(RATERS)]
    assert axe(pages[0]) == []
    for _ in range(items):
        hear_all(pages)
        for number, page in enumerate(pages):
            score(page, number)
    return [page.locator("#stamp").inner_text() for page in pages]


def enroll(context: BrowserContext, stack: Stack) -> Page:
    page = context.new_page()
    page.goto(stack.url("/rate/"))
    page.get_by_role("link", name="Meeting voices").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and start").click()
    return page


def hear_all(pages: list[Page]) -> None:
    """Play every sound to its end, on all pages at the same time."""
    sounds = pages[0].locator("[data-sound]").count()
    for sound in range(sounds):
        boxes = [page.locator("[data-sound]").nth(sound) for page in pages]
        for box in boxes:
            box.get_by_role("button").first.click()
        for box in boxes:
            expect(box).to_have_attribute("data-heard", "", timeout=30_000)


def score(page: Page, number: int) -> None:
    """The first source is a little better; raters differ."""
    before = page.content()
    for field, value in (("score_1", 3 + number % 2), ("score_2", 2 + number % 3)):
        page.locator(f"input[name={field}][value='{value}']").check(force=True)
    page.get_by_role("button", name="Send scores").click()
    page.wait_for_load_state()
    assert page.content() != before


def wait_for(
    condition: Callable[[], bool],
    seconds: float,
    *,
    explain: Callable[[], str] = lambda: "",
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.5)
