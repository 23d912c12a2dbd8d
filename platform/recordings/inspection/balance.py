"""How much louder one voice is than the other, and how sure that is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recordings.inspection import activity, signal_quality
from recordings.inspection.mel import HOP, Samples

BLOCK = 10  # frames of 20 ms that are resampled together
LEAST = 20  # frames of each kind, otherwise nothing can be said
DRAWS = 100
FAINTEST_DB = 30.0


@dataclass(frozen=True)
class Balance:
    difference_db: float  # of the louder voice above the other, 0 or more
    std_db: float | None  # of an estimate; None for a measurement


def of_solos(first: Samples, second: Samples) -> Balance | None:
    """From the two solo takes at 16 kHz: levels of their speech, noise and all."""
    levels = [speech_level_db(solo) for solo in (first, second)]
    if levels[0] is None or levels[1] is None:
        return None
    return Balance(abs(levels[0] - levels[1]), None)


def speech_level_db(samples: Samples) -> float | None:
    """RMS of the frames with speech, dB of full scale; None without speech."""
    speech = activity.probabilities(samples)
    power = signal_quality.frame_power(samples, len(speech))[speech > activity.SPEECH]
    return float(10 * np.log10(power.mean() + 1e-12)) if len(power) else None


def estimate(samples: Samples, shares: NDArray[np.float32]) -> Balance | None:
    """From a mixture alone: frames of two voices against frames of one.

    If the frames of one voice hold the same speaker, both together are louder by what
    the other adds. Where they hold either, it comes out near 0: a weak estimate.

    Args:
        samples: at 16 kHz, (time,).
        shares: probability of 0 to 3 voices in each 20 ms, (frame, 4).
    """
    power = _frame_power(samples, len(shares))
    count = shares.argmax(axis=1)
    both, alone = power[count == 2], power[count == 1]
    if len(both) < LEAST or len(alone) < LEAST:
        return None
    chance = np.random.default_rng(0)
    drawn = [
        _difference_db(_again(both, chance), _again(alone, chance))
        for _ in range(DRAWS)
    ]
    return Balance(abs(_difference_db(both, alone)), float(np.std(drawn)))


def _difference_db(both: NDArray[np.float64], alone: NDArray[np.float64]) -> float:
    """Level of the other voice over the one that was heard alone."""
    ratio = float(both.mean() / max(alone.mean(), 1e-12))
    least = 10 ** (-FAINTEST_DB / 10)
    return float(10 * np.log10(max(ratio - 1, least)))


def _again(
    power: NDArray[np.float64], chance: np.random.Generator
) -> NDArray[np.float64]:
    """As many frames, drawn in blocks with replacement: neighbors are alike."""
    blocks = max(1, len(power) // BLOCK)
    starts = chance.integers(max(1, len(power) - BLOCK + 1), size=blocks)
    return np.concatenate([power[start : start + BLOCK] for start in starts])


def _frame_power(samples: Samples, frames: int) -> NDArray[np.float64]:
    padded = np.zeros(frames * HOP)
    kept = samples[: len(padded)]
    padded[: len(kept)] = kept
    return np.asarray(np.square(padded.reshape(frames, HOP)).mean(axis=1))
