"""Clipping, drop-outs, band edge and noise of a recording, from its samples alone."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

from recordings.inspection import activity
from recordings.inspection.mel import Samples

FULL_SCALE = 0.999  # at or above, a sample counts as clipped
FLAT_RUN = 3  # equal extreme samples in a row: clipped before it was scaled down
FLAT_NEAR = 0.98  # of the peak
DROP_OUT_S = 0.004  # shortest run of zeros that is no chance: half a worklet block
BAND_DB = 60.0  # below its strongest band a recording is called empty
MIN_PAUSE = 8  # frames of 32 ms from which the noise can be told


def clipped_share(samples: Samples) -> float:
    """Share of samples at full scale, or in flat tops below it; 0 to 1."""
    size = np.abs(samples)
    peak = float(size.max(initial=0))
    if peak < 1e-4:
        return 0.0
    high = size >= FULL_SCALE
    level = np.diff(samples) == 0
    near = size >= FLAT_NEAR * peak
    flat = np.zeros(len(samples), dtype=bool)
    for start, stop in runs(level):
        if stop - start >= FLAT_RUN - 1 and near[start]:
            flat[start : stop + 1] = True
    return float(np.mean(high | flat))


def drop_out_ms(samples: Samples, sample_rate: int) -> float:
    """Milliseconds of exact zeros amid the sound, not at its ends."""
    silent = samples == 0
    sounding = np.flatnonzero(~silent)
    if not len(sounding):
        return 0.0
    first, last = sounding[0], sounding[-1]
    least = DROP_OUT_S * sample_rate
    found = [
        stop - start
        for start, stop in runs(silent)
        if stop - start >= least and first < start and stop <= last
    ]
    return 1000 * float(sum(found)) / sample_rate


def band_edge_hz(samples: Samples, sample_rate: int) -> float:
    """The highest frequency at which the recording still holds something.

    From the strong moments only: noise of the converter reaches everywhere.
    """
    length = min(1024, len(samples))
    if length < 64:
        return sample_rate / 2
    hertz, power = welch(samples, sample_rate, nperseg=length, average="mean")
    levels = 10 * np.log10(power + 1e-20)
    smooth = np.convolve(levels, np.full(5, 0.2), mode="same")
    smooth[:2], smooth[-2:] = levels[:2], levels[-2:]
    held = np.flatnonzero(smooth > smooth.max() - BAND_DB)
    return float(hertz[held[-1]]) if len(held) else 0.0


def snr_db(
    samples: Samples, speech: NDArray[np.float32], silence: Samples | None = None
) -> float | None:
    """Level of speech over the noise, in dB; None if no noise could be measured.

    Noise comes from the silence take, otherwise from the pauses of this one. Speech
    is what is left of the frames with speech when the noise is taken from them.

    Args:
        samples: at 16 kHz, (time,).
        speech: probability of speech in each 32 ms, (frame,).
        silence: the silence take at 16 kHz, (time,).
    """
    power = frame_power(samples, len(speech))
    voiced = power[speech > activity.SPEECH]
    if silence is not None and len(silence) >= activity.STEP:
        noise = float(np.mean(frame_power(silence, len(silence) // activity.STEP)))
    else:
        pauses = power[speech < activity.PAUSE]
        noise = float(np.mean(pauses)) if len(pauses) >= MIN_PAUSE else -1.0
    if not len(voiced) or noise < 0:
        return None
    clean = max(float(np.mean(voiced)) - noise, 1e-3 * noise, 1e-12)
    return float(np.clip(10 * np.log10(clean / max(noise, 1e-12)), -30, 90))


def frame_power(samples: Samples, frames: int) -> NDArray[np.float64]:
    """Mean square of each 32 ms, (frame,)."""
    kept = np.zeros(frames * activity.STEP)
    known = samples[: len(kept)]
    kept[: len(known)] = known
    return np.asarray(np.square(kept.reshape(frames, -1)).mean(axis=1))


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and stop of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.view(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
