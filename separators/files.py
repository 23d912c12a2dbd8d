"""Separates a sound file into one file per source, at its own rate and length."""

from math import gcd
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

from separators.contract import Separator
from separators.training.speech import Signal


def separate_file(separator: Separator, mixture: Path, folder: Path) -> list[Path]:
    """Write one 32-bit float WAV file per source and return their paths.

    Raises:
        ValueError: if the file is not there or is no sound that can be read.
    """
    samples, rate = _read(mixture)
    heard = _resample(samples, rate, separator.sample_rate)
    estimates = separator.separate(torch.from_numpy(heard)[None])[0].numpy()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, estimate in enumerate(estimates, start=1):
        path = folder / f"{mixture.stem}_{separator.name}_{number}.wav"
        whole = _resample(estimate, separator.sample_rate, rate)
        whole = np.pad(whole, (0, len(samples)))[: len(samples)]
        soundfile.write(path, whole, rate, subtype="FLOAT")
        paths.append(path)
    return paths


def _read(path: Path) -> tuple[Signal, int]:
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as trouble:
        raise ValueError(
            f"{path} cannot be read as sound ({trouble}); expected WAV, FLAC or Ogg. "
            "Check the path, or convert the file."
        ) from trouble
    return samples.mean(axis=1), rate


def _resample(samples: Signal, rate: int, wanted: int) -> Signal:
    if rate == wanted:
        return samples
    factor = gcd(rate, wanted)
    return resample_poly(samples, wanted // factor, rate // factor).astype(np.float32)
