"""What every estimator is given: checked, leveled, at the rate it works at."""

import math

import numpy as np
import torch
from scipy.signal import resample_poly
from torch import Tensor

from estimator.metrics import SILENCE

MIN_SECONDS = 0.5
COUNTS = {1: "one estimate", 2: "two estimates"}


def together(
    mixtures: Tensor,
    estimates: Tensor,
    sample_rate: int,
    *,
    wanted: int,
    least: int = 2,
) -> Tensor:
    """Mixture and estimates of each item as rows of one tensor.

    Args:
        mixtures: (batch, time).
        estimates: (batch, source, time).
        sample_rate: Hz of both.
        wanted: Hz that the estimator works at.
        least: number of estimates that it needs, 1 or 2.

    Returns:
        (batch, 1 + source, time) at `wanted` Hz, float32, zero mean, peak near one.

    Raises:
        ValueError: if the shapes do not fit, the signals are too short, or one is
            silent or not finite.
    """
    _check_shapes(mixtures, estimates, sample_rate, least)
    signals = leveled(torch.cat([mixtures[:, None], estimates], dim=1))
    return resampled(signals, sample_rate, wanted)


def _check_shapes(
    mixtures: Tensor, estimates: Tensor, sample_rate: int, least: int
) -> None:
    shapes = f"mixtures {tuple(mixtures.shape)}, estimates {tuple(estimates.shape)}"
    if mixtures.ndim != 2 or estimates.ndim != 3:
        raise ValueError(f"{shapes}; expected (batch, time) and (batch, source, time)")
    if len(mixtures) != len(estimates) or mixtures.shape[-1] != estimates.shape[-1]:
        raise ValueError(f"{shapes}; batch and time must be the same in both")
    if estimates.shape[1] < least:
        raise ValueError(
            f"{shapes}; the estimator compares at least {COUNTS[least]} of one mixture"
        )
    if sample_rate <= 0:
        raise ValueError(f"sample_rate is {sample_rate}; give it in Hz, such as 8000")
    if mixtures.shape[-1] < MIN_SECONDS * sample_rate:
        raise ValueError(
            f"the signals last {mixtures.shape[-1] / sample_rate:.2f} s at "
            f"{sample_rate} Hz; the estimator needs {MIN_SECONDS} s or more"
        )


def leveled(signals: Tensor) -> Tensor:
    """Zero mean and unit peak, single precision; refuses silence and names the signal.

    Computed one signal at a time in float64, so that a long one needs little memory.
    """
    found = torch.empty(signals.shape, dtype=torch.float32, device=signals.device)
    for item in range(len(signals)):
        for row, signal in enumerate(signals[item].unbind()):
            centered = signal.double()
            loudest = centered.abs().max()
            centered = centered.sub_(centered.mean())
            peak = centered.abs().max()
            which = f"estimate {row - 1} of mixture" if row else "mixture"
            if not peak.isfinite():
                raise ValueError(
                    f"{which} {item} (counted from 0) holds NaN or infinite samples; "
                    "send finite ones"
                )
            if peak <= SILENCE * loudest:
                raise ValueError(
                    f"{which} {item} (counted from 0) is silent and has no SI-SNR; "
                    "store it as no output"
                )
            found[item, row] = centered.div_(peak)
    return found


def resampled(signals: Tensor, sample_rate: int, wanted: int) -> Tensor:
    """The signals at the wanted rate in Hz, single precision."""
    if sample_rate != wanted:
        common = math.gcd(sample_rate, wanted)
        resampled = resample_poly(
            signals.numpy(force=True),
            wanted // common,
            sample_rate // common,
            axis=-1,
        )
        signals = torch.from_numpy(np.ascontiguousarray(resampled))
    return signals.float()
