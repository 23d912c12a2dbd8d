"""What lies between a room and a recording: microphone, band, overload, codec."""

import io

import numpy as np
import soundfile
from numpy.random import Generator
from scipy.fft import irfft, next_fast_len, rfft
from scipy.signal import correlate

from estimator.features import SAMPLE_RATE
from estimator.material.scene import Signal

LIMITED, COLORED, OVERLOADED, CODED = 0.25, 0.3, 0.06, 0.015  # chances
PADDING = 512  # samples, so that filters do not wrap around
POINTS = 129  # of a frequency response
SLOPE_HZ = 80.0  # a tenth of an edge's height lies within so much
OPUS_EFFORT = (0.9, 0.99)  # libsndfile's compression level: about 30 to 9 kb/s
LAG = 80  # samples searched: 10 ms


def response(rng: Generator) -> Signal | None:
    """A linear channel's gain over frequency, (point,), or None for a flat one."""
    gain = np.ones(POINTS, dtype=np.float32)
    colored, limited = rng.random() < COLORED, rng.random() < LIMITED
    if colored:
        gain *= microphone(rng)
    if limited:
        gain *= band(rng)
    return gain if colored or limited else None


def microphone(rng: Generator) -> Signal:
    """A smooth random response within about +-10 dB, (point,)."""
    knots = np.concatenate([[0.0], np.sort(rng.uniform(0, 1, 4)), [1.0]])
    decibels = rng.uniform(1, 5) * rng.standard_normal(len(knots)).clip(-2, 2)
    where = np.linspace(0, 1, POINTS) ** 0.5  # finer at low frequencies
    return (10 ** (np.interp(where, knots, decibels) / 20)).astype(np.float32)


def band(rng: Generator) -> Signal:
    """A telephone's band, or a random low-pass, high-pass or both, (point,)."""
    low, high = rng.uniform(60, 350), rng.uniform(1_800, 3_800)
    kind = rng.choice(["telephone", "low-pass", "high-pass", "both"])
    if kind == "telephone":
        low, high = 300.0, 3_400.0
    hertz = np.linspace(0, SAMPLE_RATE / 2, POINTS)
    gain = np.ones(POINTS)
    if kind != "high-pass":
        gain *= 1 / (1 + np.exp((hertz - high) / SLOPE_HZ * 2.2))
    if kind != "low-pass":
        gain *= 1 / (1 + np.exp((low - hertz) / SLOPE_HZ * 2.2))
    return (gain + 1e-3).astype(np.float32)  # not below -60 dB


def filtered(signals: Signal, gain: Signal) -> Signal:
    """Signals (..., time) through a response without delay."""
    time = signals.shape[-1]
    size = next_fast_len(time + PADDING, real=True)
    fine = np.interp(
        np.linspace(0, 1, size // 2 + 1), np.linspace(0, 1, POINTS), gain
    ).astype(np.float32)
    return np.asarray(irfft(rfft(signals, size) * fine, size)[..., :time])


def overloaded(signal: Signal, rng: Generator) -> Signal:
    """Clipped, hard or soft, so that 0.1 to 10 % of the samples are too loud."""
    share = 10 ** rng.uniform(-3, -1)
    limit = float(np.quantile(np.abs(signal[::4]), 1 - share)) + 1e-9
    if rng.random() < 0.5:
        return signal.clip(-limit, limit)
    return (limit * np.tanh(signal / limit)).astype(np.float32)


def coded(signal: Signal, rng: Generator) -> Signal:
    """Through Opus and back; the lag that is left is found and taken away."""
    peak = float(np.abs(signal).max()) + 1e-9
    stream = io.BytesIO()
    soundfile.write(
        stream,
        0.5 / peak * signal,
        SAMPLE_RATE,
        format="OGG",
        subtype="OPUS",
        compression_level=rng.uniform(*OPUS_EFFORT),
    )
    stream.seek(0)
    decoded, _ = soundfile.read(stream, dtype="float32")
    decoded = np.pad(decoded, (0, max(0, len(signal) - len(decoded))))[: len(signal)]
    return np.roll(decoded, -lag(decoded, signal)) * np.float32(2 * peak)


def lag(late: Signal, early: Signal) -> int:
    """By how many samples `late` comes after `early`, within 10 ms."""
    found = correlate(late, early, "full", "fft")
    middle = len(early) - 1
    return int(np.abs(found[middle - LAG : middle + LAG + 1]).argmax()) - LAG
