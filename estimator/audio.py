"""Signals that belong together, read from files."""

from collections.abc import Sequence
from pathlib import Path

import soundfile
import torch
from torch import Tensor


def read_together(paths: Sequence[Path]) -> tuple[Tensor, int]:
    """Mono files of one length and rate.

    Returns:
        The signals, (file, time), and their sample rate in Hz.

    Raises:
        ValueError: if a file is missing, unreadable, not mono, or differs from the
            first in length or rate.
    """
    signals: list[Tensor] = []
    for path in paths:
        samples, sample_rate = _read(path)
        if not signals:
            rate, length = sample_rate, len(samples)
        if (sample_rate, len(samples)) != (rate, length):
            raise ValueError(
                f"{path} has {len(samples)} samples at {sample_rate} Hz and "
                f"{paths[0]} {length} at {rate} Hz; bring them to one length and rate"
            )
        signals.append(samples)
    return torch.stack(signals), rate


def _read(path: Path) -> tuple[Tensor, int]:
    try:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as trouble:
        raise ValueError(
            f"{path} cannot be read as audio ({trouble}); give a WAV or FLAC file"
        ) from trouble
    if samples.shape[1] != 1:
        raise ValueError(
            f"{path} has {samples.shape[1]} channels; the estimator hears one, "
            "so mix it down first"
        )
    return torch.from_numpy(samples[:, 0].copy()), int(sample_rate)
