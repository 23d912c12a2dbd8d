"""Opens whatever holds sound, mono, in blocks: by libsndfile, else by ffmpeg."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from separators.resampling import Signal

BLOCK = 1 << 16  # samples read at once
ONLY_FILES = ("-protocol_whitelist", "file,pipe")  # a playlist must not fetch anything


@dataclass(frozen=True)
class Sound:
    """A recording on disk that can be read."""

    path: Path
    sample_rate: int  # Hz
    channels: int
    seconds: float  # as its header says; compressed files may be off a little
    blocks: Callable[[], Iterator[Signal]]  # mean of the channels, each (time,)


def open_sound(path: Path) -> Sound:
    """Look into a file without reading all of it.

    Raises:
        ValueError: if it is not there, holds no sound, or nothing here can read it.
    """
    if not path.is_file():
        raise ValueError(
            f"There is no file {path}; expected a recording. Check the path."
        )
    try:
        about = soundfile.info(path)
    except soundfile.LibsndfileError:
        return _open_by_ffmpeg(path)
    return Sound(
        path,
        about.samplerate,
        about.channels,
        about.duration,
        partial(_blocks_of_soundfile, path),
    )


def _blocks_of_soundfile(path: Path) -> Iterator[Signal]:
    try:
        for block in soundfile.blocks(path, BLOCK, dtype="float32", always_2d=True):
            yield block.mean(axis=1)
    except soundfile.LibsndfileError as trouble:
        raise _broken(path) from trouble


def _open_by_ffmpeg(path: Path) -> Sound:
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        raise ValueError(
            f"{path} is not WAV, FLAC, Ogg or MP3; other formats need ffmpeg, which is "
            "not on this machine. Install ffmpeg, or convert the file to WAV."
        )
    found = _probe(path)
    kinds = [stream["codec_type"] for stream in found.get("streams", [])]
    if not kinds:
        raise ValueError(
            f"{path} cannot be read as sound, neither by libsndfile nor by ffmpeg; "
            "expected a sound or video file. Check the path, or convert the file."
        )
    if "audio" not in kinds:
        raise ValueError(
            f"{path} holds {' and '.join(sorted(set(kinds)))} but no sound; expected "
            "an audio track. Choose another file."
        )
    stream = found["streams"][kinds.index("audio")]
    rate, channels = int(stream["sample_rate"]), int(stream["channels"])
    seconds = stream.get("duration") or found.get("format", {}).get("duration") or 0
    blocks = partial(_blocks_of_ffmpeg, path, rate, channels)
    return Sound(path, rate, channels, float(seconds), blocks)


def _probe(path: Path) -> dict[str, Any]:
    shown = "format=duration:stream=codec_type,sample_rate,channels,duration"
    command = ["ffprobe", "-v", "quiet", *ONLY_FILES, "-show_entries", shown]
    command += ["-of", "json", f"file:{path}"]
    probed = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    found: dict[str, Any] = json.loads(probed.stdout or b"{}")
    return found


def _blocks_of_ffmpeg(path: Path, rate: int, channels: int) -> Iterator[Signal]:
    command = ["ffmpeg", "-nostdin", "-v", "error", *ONLY_FILES, "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-ar", str(rate), "-ac", str(channels)]
    command += ["-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]
    width = 4 * channels
    with tempfile.TemporaryFile() as said:
        decoder = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said)
        assert decoder.stdout is not None
        try:
            while data := decoder.stdout.read(width * BLOCK):
                samples = np.frombuffer(data[: len(data) // width * width], "<f4")
                yield samples.reshape(-1, channels).mean(axis=1)
            if decoder.wait():
                raise _broken(path)
        finally:
            decoder.stdout.close()
            decoder.kill()  # if nobody wants the rest
            decoder.wait()


def _broken(path: Path) -> ValueError:
    return ValueError(
        f"{path} breaks off: what is behind its header cannot be decoded; expected a "
        "whole file. Copy or download it again."
    )
