"""Separates a sound file into one file per source, at its own rate and length."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch

from separators.contract import Separator
from separators.long import separate_long
from separators.resampling import Signal, resampled
from separators.sound import Sound

FULL_SCALE = 1 - 2**-23  # the largest sample of 24 bits
BLOCK = 1 << 18  # samples copied at once


@dataclass(frozen=True)
class Written:
    """One file per source, and the gain that kept all of them from clipping."""

    paths: list[Path]
    gain: float  # 1.0 unless an estimate exceeded full scale


def separate_file(
    separator: Separator,
    sound: Sound,
    folder: Path,
    *,
    as_float: bool = False,
    on_chunk: Callable[[], None] | None = None,
) -> Written:
    """Write one file per source, each with the rate and the length of the recording.

    Memory does not grow with the recording: the estimates wait on disk until the
    loudest sample of all is known. If that exceeds full scale, every source is
    turned down by one common gain; none is clipped, and their balance is kept.

    Args:
        folder: made if it is not there; holds the estimates while they wait.
        as_float: write 32-bit float WAV, which needs no gain, and not 24-bit FLAC.
        on_chunk: called after each chunk of the recording.
    Raises:
        ValueError: if the recording is empty or breaks off.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ending = "wav" if as_float else "flac"
    paths = [
        folder / f"{sound.path.stem}_{separator.name}_{number}.{ending}"
        for number in range(1, separator.sources + 1)
    ]
    with tempfile.TemporaryDirectory(dir=folder, prefix=".separating-") as waiting:
        raw = [Path(waiting) / path.name for path in paths]
        samples, peak = _write_raw(separator, sound, raw, on_chunk)
        gain = 1.0 if as_float else min(1.0, FULL_SCALE / max(peak, FULL_SCALE))
        for estimate, path in zip(raw, paths, strict=True):
            _encode(estimate, path, sound.sample_rate, samples, gain)
    return Written(paths, gain)


def _write_raw(
    separator: Separator,
    sound: Sound,
    paths: Sequence[Path],
    on_chunk: Callable[[], None] | None,
) -> tuple[int, float]:
    """Write plain 32-bit floats; return samples of the recording, and the peak."""
    samples, peak = 0, 0.0

    def counted() -> Iterator[Signal]:
        nonlocal samples
        for block in sound.blocks():
            samples += len(block)
            yield block

    heard = resampled(counted(), sound.sample_rate, separator.sample_rate)
    pieces = separate_long(
        separator, (torch.from_numpy(block) for block in heard), on_chunk=on_chunk
    )
    arrays = (piece.numpy() for piece in pieces)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for piece in resampled(arrays, separator.sample_rate, sound.sample_rate):
            peak = max(peak, float(np.abs(piece).max(initial=0.0)))
            for file, estimate in zip(files, piece, strict=True):
                file.write(np.ascontiguousarray(estimate, "<f4").tobytes())
    if not samples:
        raise ValueError(
            f"{sound.path} holds no samples; expected a recording. Record it again."
        )
    return samples, peak


def _encode(raw: Path, path: Path, rate: int, samples: int, gain: float) -> None:
    """Write the first `samples` of a raw file, as the ending of the path asks."""
    subtype = "FLOAT" if path.suffix == ".wav" else "PCM_24"
    estimate = np.memmap(raw, "<f4", mode="r")
    with soundfile.SoundFile(path, "w", rate, channels=1, subtype=subtype) as out:
        for start in range(0, samples, BLOCK):
            block = estimate[start : min(start + BLOCK, samples)]
            out.write(np.float32(gain) * block)
