"""The whole way of a pair, by mouse on a phone and by keyboard alone on a desk."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer
from scipy.signal import resample_poly

from people.models import Answers
from recordings.models import Mixture, SetUp, SoloTake, Stamp
from tests.browser.pair import (
    RATE,
    agree,
    button,
    check_microphone,
    consent,
    is_accepted,
    listen_and_send,
    record,
    record_alone,
)
from tests.conftest import SPEECH
from tests.recordings.factories import make_campaign
from tests.services.fixtures import Axe, OpenBrowser

RECORDING = SPEECH / "real_mixtures" / "ami_2spk" / "tst00_0900_1213.flac"


@pytest.fixture
def meeting(tmp_path: Path) -> Path:
    """Two people of a real meeting, over and over, at the microphone's rate."""
    samples, rate = soundfile.read(RECORDING)
    samples = np.tile(resample_poly(samples, RATE, rate), 10)
    path = tmp_path / "meeting.wav"
    soundfile.write(path, samples, RATE, "PCM_16")
    return path


def all_is_stored() -> None:
    assert SoloTake.objects.exclude(recorded_at=None).count() == 3
    assert Mixture.objects.count() == Stamp.objects.count() == 1
    capture = Mixture.objects.get().capture
    assert (capture["sound"], capture["method"]) == ("raw", "worklet")
    assert len(capture["device"]) == 16
    assert SetUp.objects.get().microphone["capture"]["device"] == capture["device"]


@pytest.mark.speech
def test_a_pair_goes_the_whole_way_by_mouse_on_a_phone(
    live_server: LiveServer, chromium: OpenBrowser, meeting: Path, axe: Axe
) -> None:
    make_campaign(has_solo_takes=True, takes_per_session=1)
    phone = {"width": 390, "height": 844}
    page = chromium(meeting).new_context(viewport=phone).new_page()  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/record/")
    page.get_by_role("link", name="Take part").click()
    assert axe(page) == []
    consent(page)
    assert axe(page) == []
    page.get_by_label("Age").first.select_option("25 to 34")
    button(page, "Continue").click()
    check_microphone(page)
    record_alone(page)
    record(page, seconds=3)
    assert axe(page) == []
    listen_and_send(page)
    is_accepted(page)
    all_is_stored()
    assert Answers.objects.filter(age="25-34").count() == 1


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Reach the button by Tab alone, then press it."""
    wanted = button(page, name)
    expect(wanted).to_be_enabled(timeout=20_000)
    for _ in range(40):
        if wanted.evaluate("one => one === document.activeElement"):
            page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} cannot be reached by Tab")


@pytest.mark.speech
def test_a_pair_goes_the_whole_way_by_keyboard_on_a_desk(
    live_server: LiveServer, chromium: OpenBrowser, meeting: Path
) -> None:
    make_campaign(has_solo_takes=True, takes_per_session=1)
    desk = {"width": 1280, "height": 900}
    page = chromium(meeting).new_context(viewport=desk).new_page()  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/record/english/")
    for speaker in ("Speaker A", "Speaker B"):
        page.get_by_label(speaker).focus()
        page.keyboard.press("Space")
    press(page, "We agree")
    press(page, "Continue")
    press(page, "Start the check")
    press(page, "Continue")
    press(page, "Record")
    send = button(page, "Send")
    first = page.get_by_role("heading", name="Speaker A alone")
    expect(first.or_(send)).to_be_visible(timeout=15_000)
    if send.is_visible():
        press(page, "Send")
    for title in ("Speaker A alone", "Speaker B alone", "Both read at once"):
        expect(page.get_by_role("heading", name=title)).to_be_focused(timeout=15_000)
        press(page, "Record")
        expect(button(page, "Stop")).to_be_focused(timeout=15_000)
        page.wait_for_timeout(2500)
        page.keyboard.press("Space")
        expect(button(page, "Listen")).to_be_focused(timeout=10_000)
        if title.startswith("Both"):
            page.keyboard.press("Enter")
        press(page, "Send")
    is_accepted(page)
    expect(page.get_by_role("heading", name="Accepted")).to_be_focused()
    all_is_stored()


def test_a_session_goes_on_by_its_link_on_another_device(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign(takes_per_session=2)
    browser = chromium(microphone)
    page = browser.new_context().new_page()
    agree(page, live_server.url)
    record(page, seconds=1.5)
    listen_and_send(page)
    is_accepted(page)
    other = browser.new_context().new_page()
    other.goto(page.url)
    check_microphone(other)
    expect(other.get_by_text("1 of 2 recorded")).to_be_visible()
    record(other, seconds=1.5)
    listen_and_send(other)
    is_accepted(other)
    assert Stamp.objects.count() == 2


def test_without_a_worklet_the_take_is_coded_and_says_so(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    page.add_init_script("delete globalThis.AudioWorkletNode")
    agree(page, live_server.url)
    record(page, seconds=2)
    expect(page.get_by_text("This browser records coded sound only")).to_be_visible()
    listen_and_send(page)
    is_accepted(page)
    capture = Mixture.objects.get().capture
    assert (capture["sound"], capture["method"]) == ("partial", "coded")
    assert capture["file"]["container"] == "WebM"
