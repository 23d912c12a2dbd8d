"""Two people record in Chromium: what is stored is what the microphone gave."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from recordings import objects
from recordings.models import Mixture, Stamp
from tests.recordings.factories import chirp, make_campaign
from tests.services.fixtures import Axe, OpenBrowser

RATE = 44_100  # Hz, what Chromium's fake microphone runs at


@pytest.fixture
def microphone(tmp_path: Path) -> Path:
    """Four seconds with no two moments alike, played again and again."""
    path = tmp_path / "microphone.wav"
    noise = np.random.default_rng(0).normal(0, 0.02, 4 * RATE)
    samples = chirp(seconds=4, sample_rate=RATE) + noise
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return path


def agree(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/record/")
    page.get_by_role("link", name="Take part").click()
    page.get_by_label("Speaker A").check()
    page.get_by_label("Speaker B").check()
    page.get_by_role("button", name="Start recording").click()


def record(page: Page, seconds: float) -> None:
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.wait_for_timeout(1000 * seconds)
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Listen").click()


def test_the_stored_recording_is_what_the_microphone_gave(
    live_server: LiveServer, chromium: OpenBrowser, microphone: Path
) -> None:
    make_campaign()
    page = chromium(microphone).new_page()
    agree(page, live_server)
    record(page, seconds=2)
    send = page.get_by_role("button", name="Send")
    expect(send).to_be_disabled()
    expect(send).to_be_enabled(timeout=10_000)
    send.click()
    expect(page.get_by_role("heading", name="Accepted")).to_be_visible()
    stamp = Stamp.objects.get()
    expect(page.locator("#stamp")).to_have_text(stamp.code)
    mixture = Mixture.objects.get()
    assert mixture.capture["processing"] == "off"
    assert mixture.capture["droppedBlocks"] == 0
    assert mixture.sample_rate == RATE
    stored, _ = soundfile.read(
        io.BytesIO(objects.read(str(mixture.original))), dtype="int16"
    )
    given, _ = soundfile.read(microphone, dtype="int16")
    assert share_found(stored, given) > 0.95


def share_found(stored: NDArray[np.int16], given: NDArray[np.int16]) -> float:
    """The share of 50 ms pieces of `stored` that are in `given`, bit by bit.

    Piece by piece, since a loaded machine may slip the fake microphone by 10 ms.
    """
    looped = np.concatenate([given, given]).tobytes()
    size = RATE // 20
    pieces = [stored[at : at + size] for at in range(0, len(stored) - size, size)]
    return sum(piece.tobytes() in looped for piece in pieces) / len(pieces)
