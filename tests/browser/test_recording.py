"""Two people record in Chromium: what is stored is what the microphone gave."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from recordings import objects
from recordings.models import Mixture, Stamp
from tests.browser.pair import (
    RATE,
    agree,
    button,
    is_accepted,
    listen_and_send,
    record,
)
from tests.recordings.factories import make_campaign
from tests.services.fixtures import Axe, OpenBrowser


def share_found(stored: NDArray[np.int16], given: NDArray[np.int16]) -> float:
    """The share of 50 ms pieces of `stored` that are in `given`, bit by bit.

    Piece by piece, since a loaded machine may slip the fake microphone by 10 ms.
    """
    sound, size = given.tobytes(), RATE // 20
    pieces = [stored[at : at + size] for at in range(0, len(stored) - size, size)]
    return sum(piece.tobytes() in sound for piece in pieces) / len(pieces)


def test_the_stored_recording_is_what_the_microphone_gave(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    record(page, seconds=2)
    listen_and_send(page)
    is_accepted(page)
    expect(page.locator("#stamp")).to_have_text(Stamp.objects.get().code)
    mixture = Mixture.objects.get()
    assert mixture.capture["processing"] == "off"
    assert mixture.capture["browser"] == "Chrome"
    assert mixture.sample_rate == mixture.capture["sampleRate"] == RATE
    original = io.BytesIO(objects.read(str(mixture.original)))
    stored, _ = soundfile.read(original, dtype="int16")
    given, _ = soundfile.read(microphone, dtype="int16")
    assert share_found(stored, given) > 0.9


def test_a_session_of_two_takes_ends_with_both_stamps(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign(takes_per_session=2)
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    record(page, seconds=1.5)
    listen_and_send(page)
    is_accepted(page)
    first = page.locator(".prompt").all_inner_texts()
    button(page, "Next two sentences").click()
    assert not set(first) & set(page.locator(".prompt").all_inner_texts())
    record(page, seconds=1.5)
    listen_and_send(page)
    is_accepted(page)
    button(page, "All stamps").click()
    expect(page.get_by_role("heading", name="Thank you both")).to_be_visible()
    shown = page.locator(".stamp code").all_inner_texts()
    assert set(shown) == set(Stamp.objects.values_list("code", flat=True))
    assert len(shown) == 2


def test_everything_works_by_keyboard(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    button(page, "Record").focus()
    page.keyboard.press("Enter")
    expect(button(page, "Stop")).to_be_focused(timeout=10_000)
    page.wait_for_timeout(1800)
    page.keyboard.press("Space")
    expect(button(page, "Listen")).to_be_focused(timeout=5_000)
    page.keyboard.press("Enter")
    expect(button(page, "Send")).to_be_enabled(timeout=15_000)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    is_accepted(page)
    expect(page.get_by_role("heading", name="Accepted")).to_be_focused()


def test_nothing_is_sent_before_it_was_heard_to_the_end(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    record(page, seconds=2)
    expect(button(page, "Send")).to_be_disabled()
    jump = "audio => { audio.currentTime = audio.duration - 0.3; return audio.play(); }"
    page.locator("audio").evaluate(jump)
    expect(page.locator("audio")).to_have_js_property("ended", True)
    expect(button(page, "Send")).to_be_disabled()
    page.locator("audio").evaluate("audio => { audio.currentTime = 0; }")
    button(page, "Listen").click()
    expect(button(page, "Send")).to_be_enabled(timeout=15_000)


def test_a_refusal_is_read_out_and_the_pair_records_again(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign(min_seconds=3)
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    record(page, seconds=0.1)
    listen_and_send(page)
    expect(page.get_by_role("alert")).to_contain_text("must last between 3 and 20 s")
    record(page, seconds=3)
    expect(page.get_by_role("alert")).to_be_hidden()
    listen_and_send(page)
    is_accepted(page)


def test_an_upload_survives_a_lost_connection(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    agree(page, live_server.url)
    record(page, seconds=1.5)
    page.route("**/upload/", lambda route: route.abort(), times=1)
    page.route("**/finish/", lambda route: route.abort(), times=1)
    listen_and_send(page)
    is_accepted(page)
    assert Mixture.objects.count() == Stamp.objects.count() == 1


def test_a_missing_microphone_is_explained(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    make_campaign()
    page = chromium().new_page()
    agree(page, live_server.url)
    button(page, "Record").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("No microphone was found. Connect one, then try")
    expect(button(page, "Record")).to_be_enabled()


def test_a_blocked_microphone_is_explained(
    live_server: LiveServer, chromium: OpenBrowser
) -> None:
    make_campaign()
    page = chromium().new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => {"
        "  throw new DOMException('no', 'NotAllowedError'); };"
    )
    agree(page, live_server.url)
    button(page, "Record").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("The microphone is blocked for this site. Allow it")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_state_of_the_page_breaks_a_rule_of_accessibility(
    live_server: LiveServer,
    chromium: OpenBrowser,
    microphone: Path,
    axe: Axe,
    width: int,
) -> None:
    view = {"width": width, "height": 844}
    page = chromium(microphone).new_context(viewport=view).new_page()  # type: ignore[arg-type]

    def check() -> None:
        assert axe(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0

    page.goto(f"{live_server.url}/record/")
    check()
    make_campaign(takes_per_session=1)
    page.goto(f"{live_server.url}/record/english/")
    check()
    agree(page, live_server.url)
    check()
    record(page, seconds=1.5)
    check()
    listen_and_send(page)
    is_accepted(page)
    check()
    button(page, "All stamps").click()
    page.get_by_role("heading", name="Thank you both").wait_for()
    check()
