"""What the browser says about a capture, reduced to what we know how to read."""

import re
from typing import Any

PROCESSING = (
    "echoCancellation",
    "noiseSuppression",
    "autoGainControl",
    "voiceIsolation",
)
COUNTS = (
    "sampleRate",
    "channelCount",
    "contextRate",
    "droppedBlocks",
    "lostFrames",
)
METHODS = ("worklet", "coded")  # samples as they are; the browser's own recorder
MAX_USER_AGENT = 300  # characters
BROWSERS = (  # the first that fits; most name others too
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|Chromium|CriOS)/"),
    ("Safari", r"Safari/"),
)


def clean(told: object, *, user_agent: str) -> dict[str, Any]:
    """The known keys of `told` with values of their types, and a verdict.

    `processing` is "on" if the browser admits any treatment of the sound, "off" if
    it denies the three that every browser reports, otherwise "unknown". `sound` is
    "partial" if it was treated or coded, "raw" if neither, otherwise "unknown".
    `device` is a hash of the microphone's name, so that equal ones are known as equal.
    """
    told = told if isinstance(told, dict) else {}
    kept: dict[str, Any] = {
        key: told[key] for key in PROCESSING if isinstance(told.get(key), bool)
    }
    for key in COUNTS:
        value = told.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            kept[key] = min(value, 10**6)
    if told.get("method") in METHODS:
        kept["method"] = told["method"]
    if re.fullmatch(r"[0-9a-f]{16}", str(told.get("device"))):
        kept["device"] = told["device"]
    kept["processing"] = _processing(kept)
    kept["sound"] = _sound(kept)
    kept["user_agent"] = user_agent[:MAX_USER_AGENT]
    kept["browser"] = _browser(user_agent)
    kept["mobile"] = bool(re.search(r"Mobile|Android|iPhone|iPad", user_agent))
    return kept


def _processing(kept: dict[str, Any]) -> str:
    if any(kept.get(key) for key in PROCESSING):
        return "on"
    if all(kept.get(key) is False for key in PROCESSING[:3]):
        return "off"
    return "unknown"


def _sound(kept: dict[str, Any]) -> str:
    if kept["processing"] == "on" or kept.get("method") == "coded":
        return "partial"
    if kept["processing"] == "off" and kept.get("method") == "worklet":
        return "raw"
    return "unknown"


def _browser(user_agent: str) -> str:
    for name, pattern in BROWSERS:
        if re.search(pattern, user_agent):
            return name
    return "other"
