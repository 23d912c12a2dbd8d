"""Log-mel frames of a recording: what the voice counter and the voice prints see."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]

SAMPLE_RATE = 16_000  # Hz of everything that looks at speech
WINDOW, HOP = 512, 320  # samples: 32 ms every 20 ms
BANDS = 40
LOW_HZ, HIGH_HZ = 60.0, 7_600.0
FRAME_RATE = SAMPLE_RATE / HOP  # per second
FLOOR_DB = -80.0  # below the loud frames: what silence is called


def resample(samples: Samples, sample_rate: int) -> Samples:
    """`samples`, (time,), at 16 kHz."""
    if sample_rate == SAMPLE_RATE:
        return samples
    common = int(np.gcd(sample_rate, SAMPLE_RATE))
    up, down = SAMPLE_RATE // common, sample_rate // common
    return np.asarray(resample_poly(samples, up, down), dtype=np.float32)


def power_spectrum(samples: Samples) -> NDArray[np.float32]:
    """Power of Hann frames of 16 kHz samples, (frame, bin); at least one frame."""
    missing = max(0, WINDOW - len(samples))
    padded = np.pad(samples, (0, missing))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    return np.asarray(power, dtype=np.float32)


def mel_power(samples: Samples) -> NDArray[np.float32]:
    """Power in 40 mel bands of 16 kHz samples, (frame, band)."""
    return np.asarray(power_spectrum(samples) @ filters(), dtype=np.float32)


def log_mel(samples: Samples) -> NDArray[np.float32]:
    """Mel levels in units of 20 dB below the loud frames, (frame, band).

    The same at any gain of the recording.
    """
    power = mel_power(samples)
    loud = float(np.percentile(power.sum(axis=1), 95)) + 1e-12
    levels = 10 * np.log10(power * (BANDS / loud) + 1e-12)
    return np.asarray(np.maximum(levels, FLOOR_DB) / 20, dtype=np.float32)


@cache
def filters() -> NDArray[np.float32]:
    """Triangles evenly spaced on the mel scale of O'Shaughnessy, (bin, band)."""
    edges = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1)[:, None] * (SAMPLE_RATE / WINDOW)
    rising = (bins - hertz[:-2]) / (hertz[1:-1] - hertz[:-2])
    falling = (hertz[2:] - bins) / (hertz[2:] - hertz[1:-1])
    weights = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(weights / weights.sum(axis=0), dtype=np.float32)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
