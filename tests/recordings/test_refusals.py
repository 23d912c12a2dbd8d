"""Bad uploads are refused with what was found, what is expected, what to do."""

import re
import struct
from collections.abc import Callable

import numpy as np
import pytest

from recordings import audio
from recordings.audio import RecordingRejected
from tests.recordings.factories import chirp, wav

GOOD = wav(chirp())


def inspect(content: bytes) -> audio.Sound:
    return audio.inspect(content, min_seconds=1.5, max_seconds=20)


def refusal(content: bytes) -> str:
    with pytest.raises(RecordingRejected) as caught:
        inspect(content)
    return str(caught.value)


def with_bytes(at: int, value: bytes, content: bytes = GOOD) -> bytes:
    return content[:at] + value + content[at + len(value) :]


def declared_only(seconds: int, rate: int = 16_000) -> bytes:
    """A header of so many seconds before one second of sound."""
    return with_bytes(40, struct.pack("<I", 2 * rate * seconds), wav(chirp(1)))


def nan() -> bytes:
    samples = chirp().astype(np.float32)
    samples[100:103] = [np.nan, np.inf, -np.inf]
    return wav(samples, subtype="FLOAT")


def long_flac(seconds: int) -> bytes:
    return wav(np.zeros(seconds * 8000), 8000, container="FLAC")


REFUSED = {
    "empty": (b"", "The file is empty (0 bytes); a WAV or FLAC recording is expected"),
    "words": (b"hello" * 9, "not audio that we know (45 bytes); a WAV or FLAC"),
    "picture": (b"\x89PNG\r\n" * 9, "The file is a picture; a WAV or FLAC"),
    "webm": (b"\x1aE\xdf\xa3" * 9, "The file is a WebM file; a WAV or FLAC"),
    "mp4": (b"\0\0\0\x1cftypM4A " * 9, "The file is an MP4 file; a WAV or FLAC"),
    "mp3": (b"ID3\4" * 9, "The file is an MP3 file; a WAV or FLAC"),
    "ogg": (b"OggS" * 9, "The file is an Ogg file; a WAV or FLAC"),
    "no sound": (wav(np.zeros(0)), "The file holds no sound at all; it must hold"),
    "silent": (
        wav(np.zeros(48_000)),
        "The recording is silent: its level is no signal",
    ),
    "offset only": (wav(np.full(48_000, 0.2)), "The recording is silent"),
    "faint": (wav(chirp(gain=0.0009)), "its level is -64 dBFS, speech is above -60"),
    "0.2 s": (wav(chirp(0.2)), "lasts 0.2 s; it must last between 1.5 and 20 s"),
    "30 s": (wav(chirp(30)), "lasts 30.0 s; it must last between 1.5 and 20 s"),
    "3 h": (long_flac(3 * 3600), "The recording lasts 3.0 h; it must last between"),
    "NaN": (nan(), "3 samples are not numbers (NaN or infinite); each must be between"),
    "8 channels": (
        wav(np.tile(chirp()[:, None], 8)),
        "The file has 8 channels; one is expected, two are averaged",
    ),
    "clipped": (
        wav(np.clip(chirp(gain=1.2), -1, 1)),
        "of the recording is clipped (louder than the microphone can take); at most 1%",
    ),
    "more claimed": (
        declared_only(60),
        "The WAV header says 1920000 bytes of sound and 32000 are there",
    ),
    "4 GB claimed": (
        with_bytes(40, b"\xff\xff\xff\xff"),
        "The WAV header says 4294967295 bytes of sound and 96000 are there",
    ),
    "cut": (GOOD[:-1000], "The WAV header says 96000 bytes of sound and 95000 are"),
    "rate 0": (
        with_bytes(24, struct.pack("<I", 0)),
        "The sample rate is 0 Hz; it must",
    ),
    "rate 4 GHz": (
        with_bytes(24, b"\xff\xff\xff\xff"),
        "The sample rate is 4294967295 Hz; it must be between 8000 and 192000 Hz",
    ),
    "rate 4 kHz": (wav(chirp(3, 4000), 4000), "The sample rate is 4000 Hz"),
    "0 channels": (with_bytes(22, b"\0\0"), "The WAV header contradicts itself: 0"),
    "wrong block": (
        with_bytes(32, b"\4\0"),
        "contradicts itself: 1 channels of 16 bits in blocks of 4 bytes",
    ),
    "mu-law": (wav(chirp(), subtype="ULAW"), "of coding 7 with 8 bits; PCM of 16, 24"),
    "8 bits": (wav(chirp(), subtype="PCM_U8"), "of coding 1 with 8 bits; PCM of 16"),
    "no data": (GOOD[:36], "The WAV file has no 'data' chunk; it must be whole"),
    "no format": (
        GOOD[:12] + GOOD[36:],
        "The WAV file has no complete 'fmt ' chunk; it must be whole",
    ),
    "cut flac": (
        wav(chirp(), container="FLAC")[:20],
        "The FLAC file ends inside its header; it must be whole",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_upload_is_refused_with_its_reason(name: str) -> None:
    content, reason = REFUSED[name]
    message = refusal(content)
    assert reason in message
    assert re.search(r"(Please|[Rr]ecord|Send|Export|Check|Move) ", message)


def flac_with(pattern: Callable[[int], int]) -> bytes:
    """A real FLAC with the packed numbers of its header changed."""
    content = wav(chirp(), container="FLAC")
    packed = int.from_bytes(content[18:26], "big")
    return with_bytes(18, pattern(packed).to_bytes(8, "big"), content)


def test_a_flac_that_claims_more_than_its_bytes_can_hold_is_refused() -> None:
    claimed = flac_with(lambda packed: packed | (1 << 36) - 1)
    assert "The FLAC header says 68719476735 samples, more than" in refusal(claimed)


@pytest.mark.parametrize("more", [500, 100_000])
def test_a_flac_that_claims_a_little_more_is_refused(more: int) -> None:
    assert "must be whole. Please send it again" in refusal(
        flac_with(lambda packed: packed + more)
    )


def test_a_flac_of_unknown_length_is_refused() -> None:
    unknown = flac_with(lambda packed: packed >> 36 << 36)
    assert "does not say how long the recording is; it must" in refusal(unknown)


def test_a_flac_with_its_end_cut_off_is_refused() -> None:
    content = wav(chirp(), container="FLAC")
    assert "must be whole" in refusal(content[: len(content) // 2])
    assert "must be whole" in refusal(content[:-100])


def test_random_bytes_after_a_good_header_never_raise_anything_else() -> None:
    rng = np.random.default_rng(0)
    for container in ("WAV", "FLAC"):
        content = wav(chirp(2), container=container)
        for _ in range(150):
            at = int(rng.integers(0, 60))
            broken = with_bytes(at, rng.bytes(4), content)
            try:
                inspect(broken)
            except RecordingRejected as refused:
                assert str(refused)
