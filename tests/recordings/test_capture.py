"""What a browser says is reduced to known keys; processing is on, off or unknown."""

import pytest

from recordings import capture

RAW = {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


@pytest.mark.parametrize(
    ("told", "processing"),
    [
        (RAW, "off"),
        ({**RAW, "voiceIsolation": False}, "off"),
        ({**RAW, "voiceIsolation": True}, "on"),
        ({**RAW, "noiseSuppression": True}, "on"),
        ({"echoCancellation": True}, "on"),
        ({"echoCancellation": False}, "unknown"),
        ({**RAW, "echoCancellation": "false"}, "unknown"),
        ({}, "unknown"),
        (None, "unknown"),
        (["echoCancellation"], "unknown"),
    ],
)
def test_processing_is_what_the_browser_admits(told: object, processing: str) -> None:
    assert capture.clean(told, user_agent="")["processing"] == processing


def test_only_known_keys_of_the_right_type_are_kept() -> None:
    told = {
        **RAW,
        "sampleRate": 48_000,
        "channelCount": "2",
        "droppedBlocks": -1,
        "contextRate": True,
        "deviceId": "abc",
        "processing": "off, I promise",
        "device": "a microphone by name",
        "method": "magic",
    }
    assert capture.clean(told, user_agent=CHROME) == {
        **RAW,
        "sampleRate": 48_000,
        "processing": "off",
        "sound": "unknown",
        "user_agent": CHROME,
        "browser": "Chrome",
        "mobile": False,
    }


@pytest.mark.parametrize(
    ("user_agent", "browser", "mobile"),
    [
        (CHROME, "Chrome", False),
        (CHROME + " Edg/140.0", "Edge", False),
        ("Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", False),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 "
            "Mobile/15E148 Safari/604.1",
            "Safari",
            True,
        ),
        ("curl/8", "other", False),
    ],
)
def test_a_browser_is_known_by_its_family(
    user_agent: str, browser: str, mobile: bool
) -> None:
    kept = capture.clean({}, user_agent=user_agent)
    assert (kept["browser"], kept["mobile"]) == (browser, mobile)


@pytest.mark.parametrize(
    ("told", "sound"),
    [
        ({**RAW, "method": "worklet"}, "raw"),
        ({**RAW, "method": "coded"}, "partial"),
        ({**RAW, "noiseSuppression": True, "method": "worklet"}, "partial"),
        ({"method": "worklet"}, "unknown"),
        (RAW, "unknown"),
    ],
)
def test_sound_is_raw_only_if_neither_treated_nor_coded(
    told: dict[str, object], sound: str
) -> None:
    assert capture.clean(told, user_agent="")["sound"] == sound


def test_a_device_is_kept_as_a_hash_and_a_user_agent_cut_short() -> None:
    kept = capture.clean({"device": "0123456789abcdef"}, user_agent="x" * 999)
    assert kept["device"] == "0123456789abcdef"
    assert len(kept["user_agent"]) == 300
