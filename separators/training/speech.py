"""Folders of recordings as training material: every clip in memory, by speaker."""

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

SUFFIXES = {".wav", ".flac", ".ogg", ".opus"}

Signal = NDArray[np.float32]


@dataclass(frozen=True)
class SpeechPool:
    """Clips of many speakers; 16-bit in memory, float when drawn."""

    sample_rate: int
    speakers: tuple[str, ...]
    clips: tuple[tuple[NDArray[np.int16], ...], ...]  # one tuple for each speaker

    @property
    def seconds(self) -> float:
        """Length of all clips together."""
        return sum(len(c) for own in self.clips for c in own) / self.sample_rate


def read_clip(path: Path, sample_rate: int) -> Signal:
    """Return the first channel at the wanted rate."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    clip: Signal = samples[:, 0]
    if rate != sample_rate:
        factor = gcd(rate, sample_rate)
        clip = resample_poly(clip, sample_rate // factor, rate // factor)
    return clip.astype(np.float32)


def load_speech(
    folder: Path, sample_rate: int, progress: Callable[[int, int], None] | None = None
) -> SpeechPool:
    """Read every recording below a folder; the folder around it names the speaker."""
    paths = _recordings(folder)
    by_speaker: dict[str, list[NDArray[np.int16]]] = {}
    with ThreadPoolExecutor(2) as readers:
        clips = readers.map(lambda path: read_clip(path, sample_rate), paths)
        for done, (path, clip) in enumerate(zip(paths, clips, strict=True)):
            by_speaker.setdefault(path.parent.name, []).append(_sixteen_bit(clip))
            if progress:
                progress(done + 1, len(paths))
    if len(by_speaker) < 2:
        raise ValueError(
            f"{folder} holds recordings of {len(by_speaker)} speaker; mixing needs at "
            "least two. Put each speaker's recordings into a folder of her own."
        )
    names = tuple(sorted(by_speaker))
    return SpeechPool(sample_rate, names, tuple(tuple(by_speaker[n]) for n in names))


def hold_out(
    pool: SpeechPool, *, share: float, at_least: int = 2
) -> tuple[SpeechPool, SpeechPool]:
    """Split a pool by speaker: the rest, and every n-th speaker, so many at least.

    Raises:
        ValueError: if fewer than twice so many speakers are there.
    """
    count = len(pool.speakers)
    if count < 2 * at_least:
        raise ValueError(
            f"The speech folder holds {count} speakers; holding some out needs at "
            f"least {2 * at_least}. Add speakers, or give a folder of development "
            "speech."
        )
    apart = max(2, min(round(1 / share), count // at_least))
    held = set(range(0, count, apart))
    return _select(pool, set(range(count)) - held), _select(pool, held)


def _select(pool: SpeechPool, chosen: set[int]) -> SpeechPool:
    order = sorted(chosen)
    return SpeechPool(
        pool.sample_rate,
        tuple(pool.speakers[i] for i in order),
        tuple(pool.clips[i] for i in order),
    )


def load_clips(folder: Path, sample_rate: int, *, split: str = "train") -> list[Signal]:
    """Read noises or room responses; of a folder with a manifest, one split alone.

    A manifest that knows no other split than `train` serves every purpose.
    """
    paths = _recordings(folder)
    splits = _splits(folder)
    if split in splits.values():
        paths = [path for path in paths if splits.get(path, split) == split]
    return [read_clip(path, sample_rate) for path in paths]


def _recordings(folder: Path) -> list[Path]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise ValueError(
            f"{folder} holds no recordings; expected files ending in "
            f"{', '.join(sorted(SUFFIXES))}. Give another folder."
        )
    return paths


def _splits(folder: Path) -> dict[Path, str]:
    manifest = folder / "manifest.csv"
    if not manifest.exists():
        return {}
    with manifest.open(newline="") as rows:
        return {
            folder / row["path"]: row.get("split") or "train"
            for row in csv.DictReader(rows)
        }


def _sixteen_bit(clip: Signal) -> NDArray[np.int16]:
    peak = max(float(np.abs(clip).max(initial=0.0)), 1e-6)
    return np.round(clip / peak * 32767).astype(np.int16)
