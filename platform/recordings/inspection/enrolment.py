"""Whether both voices of the solo takes are in the joint take, at their levels.

A voice is a book of its spectra. Each frame of the joint take is explained by one
entry of either book or the sum of two. If a voice took part, its book explains the
frames better than the books of strangers do.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from recordings.inspection import balance, mel
from recordings.inspection.mel import Samples

Book = NDArray[np.float64]  # (entry, band), dB

STRANGERS = Path(__file__).parent / "weights" / "strangers.npz"
ENTRIES = 32
AUDIBLE = 1e-3  # of the loud frames' power: fainter ones say nothing
FRAMES = 300  # of the joint take that are looked at, evenly spread


@dataclass(frozen=True)
class Enrolled:
    """For each solo voice, dB by which it explains the take better than strangers."""

    first: float
    second: float
    level_gap_db: float  # joint take against the sum of the solo takes, 0 or more

    @property
    def fainter(self) -> float:
        """Of the voice that was found less."""
        return min(self.first, self.second)


def compare(joint: Samples, solos: tuple[Samples, ...]) -> Enrolled:
    """The solo voices in the joint take, all at 16 kHz and recorded at one gain."""
    frames = _levels(joint)
    frames = frames[:: max(1, len(frames) // FRAMES)]
    books = [book(solo) for solo in solos]
    means = [_levels(solo).mean(axis=0) for solo in solos]
    both = misfit(frames, books[0], books[1])
    room = np.mean(means, axis=0)  # strangers get the color of this room and device
    strangers = [stranger + room for stranger in _strangers()]
    nearer = [
        float(np.mean([misfit(frames, other, book) for book in strangers]) - both)
        for other in (books[1], books[0])
    ]
    return Enrolled(nearer[0], nearer[1], _level_gap_db(joint, solos))


def book(samples: Samples) -> Book:
    """The 32 spectra that stand for all of a voice's."""
    levels = _levels(samples)
    if len(levels) <= ENTRIES:
        return levels
    entries, _ = kmeans2(levels, ENTRIES, seed=0, minit="++")
    return np.asarray(entries, dtype=np.float64)


def misfit(frames: Book, first: Book, second: Book) -> float:
    """Mean distance of frames to the nearest entry of two books or sum of two, dB."""
    power = 10 ** (first[:, None] / 10) + 10 ** (second[None] / 10)
    sums = 10 * np.log10(power).reshape(-1, mel.BANDS)
    entries = np.concatenate([first, second, sums])
    squares = np.square(frames).sum(axis=1)[:, None] - 2 * frames @ entries.T
    nearest = (squares + np.square(entries).sum(axis=1)).min(axis=1)
    return float(np.mean(np.sqrt(np.maximum(nearest, 0) / mel.BANDS)))


def save_strangers(voices: list[Samples], path: Path) -> None:
    """Books of voices that serve as strangers, without the color of their rooms."""
    books = []
    for voice in voices:
        made = book(voice)
        books.append(made - _levels(voice).mean(axis=0))
    np.savez_compressed(path, books=np.stack(books).astype(np.float16))


@cache
def _strangers() -> list[Book]:
    with np.load(STRANGERS, allow_pickle=False) as held:
        return list(held["books"].astype(np.float64))


def _levels(samples: Samples) -> Book:
    """Mel levels of the audible frames, dB, (frame, band)."""
    power = mel.mel_power(samples).astype(np.float64)
    total = power.sum(axis=1)
    kept = power[total >= AUDIBLE * np.percentile(total, 95)]
    return np.asarray(10 * np.log10(kept + 1e-10))


def _level_gap_db(joint: Samples, solos: tuple[Samples, ...]) -> float:
    levels = [balance.speech_level_db(samples) for samples in (joint, *solos)]
    known = [level for level in levels if level is not None]
    if len(known) < len(levels):
        return 0.0
    expected = 10 * np.log10(sum(10 ** (level / 10) for level in known[1:]))
    return abs(float(known[0] - expected))
