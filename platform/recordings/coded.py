"""Coded sound, as browsers without AudioWorklet make it: decoded by ffmpeg."""

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from recordings import audio
from recordings.headers import RecordingRejected, gettext_noop

# first bytes -> name, the demuxer that is forced; offset of the bytes is 0 or 4
DEMUXERS = {
    (0, b"\x1aE\xdf\xa3"): ("WebM", "matroska"),
    (4, b"ftyp"): ("MP4", "mov"),
    (0, b"OggS"): ("Ogg", "ogg"),
}
DECODE_SECONDS = 20  # of work; a minute of sound takes less than one
MAX_ALLOCATION = 100_000_000  # bytes of one block


def name_of(content: bytes) -> str:
    """WebM, MP4, Ogg, or "" for what is none of them."""
    return _kind(content)[0]


def inspect(
    content: bytes,
    *,
    min_seconds: float,
    max_seconds: float,
    may_be_silent: bool = False,
) -> audio.Sound:
    """`audio.inspect` of what the file decodes to; nothing longer is decoded.

    Raises:
        RecordingRejected: with what was found, what is expected, what to do.
    """
    name, demuxer = _kind(content)
    wav = _decoded(content, name, demuxer, seconds=max_seconds + 1)
    sound = audio.inspect(
        wav,
        min_seconds=min_seconds,
        max_seconds=max_seconds,
        may_be_silent=may_be_silent,
    )
    return replace(sound, container=name, subtype="coded")


def _kind(content: bytes) -> tuple[str, str]:
    for (at, start), kind in DEMUXERS.items():
        if content[at : at + len(start)] == start:
            return kind
    return "", ""


def _decoded(content: bytes, name: str, demuxer: str, *, seconds: float) -> bytes:
    program = shutil.which("ffmpeg")
    if program is None:
        raise RecordingRejected(
            gettext_noop(
                "The file is coded ({name}) and this site has no ffmpeg to decode it; "
                "a WAV or FLAC recording is expected. Record with a present browser."
            ),
            name=name,
        )
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source"), Path(folder, "decoded.wav")
        source.write_bytes(content)
        command = [program, "-nostdin", "-v", "error", "-threads", "1"]
        command += ["-max_alloc", str(MAX_ALLOCATION), "-protocol_whitelist", "file"]
        command += ["-f", demuxer, "-i", str(source), "-vn", "-sn", "-dn"]
        command += ["-t", str(seconds), "-c:a", "pcm_f32le", str(target)]
        try:
            subprocess.run(
                command, check=True, timeout=DECODE_SECONDS, capture_output=True
            )
            return target.read_bytes()
        except (subprocess.SubprocessError, OSError) as trouble:
            raise RecordingRejected(
                gettext_noop(
                    "The {name} file holds no sound that can be decoded; a whole "
                    "recording is expected. Please record again."
                ),
                name=name,
            ) from trouble
