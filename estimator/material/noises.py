"""Noises that are made, not recorded."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from scipy.fft import irfft, next_fast_len, rfft

from estimator.features import SAMPLE_RATE
from estimator.material.scene import Signal


def colored(samples: int, slope: float, rng: Generator) -> Signal:
    """Noise whose amplitude spectrum follows frequency ** slope above 50 Hz."""
    size = next_fast_len(samples, real=True)
    spectrum = rfft(rng.standard_normal(size, dtype=np.float32))
    frequency = np.maximum(np.arange(len(spectrum)), size * 50 / SAMPLE_RATE)
    shape = (frequency**slope).astype(np.float32)
    return np.asarray(irfft(spectrum * shape, size)[:samples], dtype=np.float32)


def babble_of(voices: Sequence[Signal]) -> Signal:
    """Voices talking at once, each about as loud, (time,)."""
    levels = [np.sqrt(np.square(voice).mean()) + 1e-6 for voice in voices]
    return np.asarray(
        sum(v / level for v, level in zip(voices, levels, strict=True)),
        dtype=np.float32,
    )
