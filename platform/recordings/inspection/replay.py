"""Cues that a loudspeaker was recorded instead of people: evidence, never proof.

No acoustic test of this is reliable with unknown devices (ASVspoof 2017 and 2019), so
no cue refuses a recording.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.inspection import activity, mel, signal_quality
from recordings.inspection.mel import SAMPLE_RATE, WINDOW, Samples

LOW_DB = -13.0  # 80 to 180 Hz against 250 to 1000 Hz: small cones give less
HIGH_DB = -35.0  # 5.5 to 7.5 kHz against 500 to 2000 Hz
FALL_DB = 12.0  # in the 130 ms after the end of a phrase; echoes of two rooms: less


@dataclass(frozen=True)
class Cues:
    low_db: float
    high_db: float
    fall_db: float | None

    @property
    def count(self) -> int:
        """How many of the three point to a loudspeaker."""
        falls_slowly = self.fall_db is not None and self.fall_db < FALL_DB
        return (self.low_db < LOW_DB) + (self.high_db < HIGH_DB) + falls_slowly


def cues(samples: Samples, speech: NDArray[np.float32]) -> Cues | None:
    """The three cues of 16 kHz samples; None if less than half a second is speech.

    Args:
        samples: at 16 kHz, (time,).
        speech: probability of speech in each 32 ms, (frame,).
    """
    if np.sum(speech > activity.SPEECH) < 16:
        return None
    spectrum = mel.power_spectrum(samples)
    at = np.arange(len(spectrum)) * mel.HOP // activity.STEP
    spoken = speech[np.minimum(at, len(speech) - 1)]
    voiced = spectrum[spoken > activity.SPEECH].mean(axis=0)
    quiet = spectrum[spoken < activity.PAUSE]
    noise = quiet.mean(axis=0) if len(quiet) > 10 else np.zeros_like(voiced)
    clean = np.maximum(voiced - noise, 0.05 * voiced)
    return Cues(
        low_db=_level_db(clean, 80, 180) - _level_db(clean, 250, 1_000),
        high_db=_level_db(clean, 5_500, 7_500) - _level_db(clean, 500, 2_000),
        fall_db=_fall_db(samples, speech),
    )


def _level_db(spectrum: NDArray[np.float32], low: float, high: float) -> float:
    hertz = np.arange(len(spectrum)) * (SAMPLE_RATE / WINDOW)
    held = spectrum[(hertz >= low) & (hertz <= high)]
    return float(10 * np.log10(held.mean() + 1e-12))


def _fall_db(samples: Samples, speech: NDArray[np.float32]) -> float | None:
    """How far the level falls after speech ends, median of its ends."""
    power = signal_quality.frame_power(samples, len(speech)) + 1e-12
    falls = []
    for start, stop in signal_quality.runs(speech > activity.SPEECH):
        if stop - start >= 6 and stop + 4 <= len(power):
            before, after = power[stop - 6 : stop].max(), power[stop + 3]
            falls.append(10 * np.log10(before / after))
    return float(np.median(falls)) if falls else None
