"""Landmarks of a recording: pairs of spectral peaks, the same after re-encoding.

Source: Wang, "An Industrial-Strength Audio Search Algorithm", ISMIR 2003.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter
from scipy.signal import resample_poly, stft

from recordings.inspection.mel import SAMPLE_RATE, Samples

RATE = 8_000  # Hz: whatever a narrow codec leaves
WINDOW, HOP = 512, 256  # samples: 64 ms every 32 ms
PEAKS_PER_S = 12
PARTNERS = 4  # later peaks that each is paired with
REACH = 48  # frames within which they lie
NEAR = (9, 15)  # frames and bins in which a peak is the highest
SLACK = 1  # frames by which two offsets may differ


@dataclass(frozen=True)
class Match:
    """Another recording with landmarks of this one, in the same order."""

    subject: int
    share: float  # of this recording's landmarks, 0 to 1


def landmarks(samples: Samples) -> list[tuple[int, int]]:
    """(hash, frame) of each pair of peaks of 16 kHz samples; hashes have 24 bits."""
    times, bins = _peaks(samples)
    found = set()
    for index, (time, low) in enumerate(zip(times, bins, strict=True)):
        partners = 0
        for later in range(index + 1, len(times)):
            gap = int(times[later] - time)
            if gap > REACH or partners == PARTNERS:
                break
            if gap > 0:
                found.add((int(low) << 15 | int(bins[later]) << 6 | gap, int(time)))
                partners += 1
    return sorted(found)


def matches(
    mine: list[tuple[int, int]], others: Iterable[tuple[int, int, int]]
) -> list[Match]:
    """Recordings whose landmarks lie as far apart as mine, the likeliest first.

    Args:
        mine: (hash, frame) as from `landmarks`.
        others: (subject, hash, frame) of stored landmarks that share a hash of mine.
    """
    at: dict[int, list[int]] = {}
    for number, frame in mine:
        at.setdefault(number, []).append(frame)
    votes: dict[int, Counter[int]] = {}
    for subject, number, frame in others:
        for own in at.get(number, ()):
            votes.setdefault(subject, Counter())[frame - own] += 1
    found = []
    for subject, offsets in votes.items():
        best = max(
            sum(offsets[offset + slack] for slack in range(-SLACK, SLACK + 1))
            for offset in list(offsets)
        )
        found.append(Match(subject, min(1.0, best / max(1, len(mine)))))
    return sorted(found, key=lambda match: -match.share)


def _peaks(samples: Samples) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and bins of the strongest local maxima, in order of time."""
    narrow = resample_poly(samples, RATE, SAMPLE_RATE)
    if len(narrow) < WINDOW:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, _, spectrum = stft(narrow, RATE, nperseg=WINDOW, noverlap=WINDOW - HOP)
    levels = 20 * np.log10(np.abs(spectrum) + 1e-9).T  # (frame, bin)
    levels = levels[:, 4:220]  # 60 Hz to 3.4 kHz
    highest = maximum_filter(levels, size=NEAR) == levels
    highest &= levels > levels.max() - 50
    frames, bins = np.nonzero(highest)
    wanted = int(PEAKS_PER_S * len(narrow) / RATE)
    kept = np.sort(np.argsort(-levels[frames, bins])[:wanted])
    return frames[kept], bins[kept]
