"""The truth about estimates whose references are known, many at once."""

from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from estimator.features import SAMPLE_RATE
from estimator.material.scene import Signal
from estimator.metrics import FLOOR
from estimator.network import CURVE_HOP, HIGH_DB, LOW_DB, curve_frames

Figures = NDArray[np.float64]
FAINT = 1e-4  # of mean power: a second with less holds nothing to judge
SIDE_LOW_DB, SIDE_HIGH_DB = -20.0, 40.0
FRAME, HEARD = 256, 1e-4  # samples; of the power of the loudest frame
TINY = 1e-12


def pairwise_si_snr(estimates: Signal, references: Signal) -> Figures:
    """SI-SNR of every estimate against every reference, from inner products.

    As `metrics.si_snr`, without its refusals; 20 times as fast.

    Args:
        estimates: (..., source, time), none silent.
        references: (source, time), none silent.

    Returns:
        dB within +-80, (..., source of the estimate, source of the reference).
    """
    cosine = _unit(estimates) @ _unit(references).T
    share = np.clip(np.square(cosine), 0, 1)
    return 10 * np.log10((share + FLOOR) / (1 - share + FLOOR))


def order_of(pairwise: Figures) -> NDArray[np.intp]:
    """The reference of each estimate under the assignment with the best mean.

    Args:
        pairwise: dB, (estimate, reference).
    """
    estimate, reference = linear_sum_assignment(pairwise, maximize=True)
    return np.asarray(reference[np.argsort(estimate)])


def sides(estimates: Signal, references: Signal, own: NDArray[np.intp]) -> Figures:
    """What the error of each estimate is made of.

    With estimate = target + leakage + distortion, where target + leakage is its
    projection on the span of all references and target that on its own one.

    Args:
        estimates: (item, time).
        references: (source, time).
        own: reference of each item, (item,).

    Returns:
        dB within -20..40, (item, 2): target over leakage (SI-SIR), and target over
        distortion (SI-SAR; noise counts as distortion).
    Source: Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019.
    """
    unit = _unit(references)
    inner = _unit(estimates) @ unit.T  # (item, source)
    gram = unit @ unit.T
    fitted = np.linalg.solve(gram + 1e-9 * np.eye(len(gram)), inner.T).T
    explained = np.clip((fitted * inner).sum(-1), 0, 1)
    target = np.square(inner[np.arange(len(own)), own])
    leakage = np.clip(explained - target, 0, 1)
    ratios = np.stack([leakage, 1 - explained], axis=-1)
    found = 10 * np.log10((target[:, None] + TINY) / (ratios + TINY))
    return found.clip(SIDE_LOW_DB, SIDE_HIGH_DB)


def curves(estimates: Signal, references: Signal) -> Signal:
    """Ratio of target to error in each second, under one projection for the whole.

    Args:
        estimates: (item, time) at 8 kHz.
        references: (item, time), that of each item.

    Returns:
        dB within LOW_DB..HIGH_DB, (item, frame); NaN where both are silent.
    """
    estimates = estimates - estimates.mean(-1, keepdims=True)
    references = references - references.mean(-1, keepdims=True)
    weight = (estimates * references).sum(-1, keepdims=True)
    target = references * (weight / np.square(references).sum(-1, keepdims=True))
    signal, error = _seconds(target), _seconds(estimates - target)
    level = np.square(estimates).mean(-1, keepdims=True, dtype=np.float64)
    ratio = 10 * np.log10((signal + 1e-9 * level) / (error + 1e-9 * level))
    ratio[signal + error < FAINT * level] = np.nan
    return ratio.clip(LOW_DB, HIGH_DB).astype(np.float32)


def overlap(sources: Signal) -> float:
    """Share of the time with speech in which two or more sources are heard.

    A source is heard in a frame of 32 ms within 40 dB of its loudest one.

    Args:
        sources: (source, time) at 8 kHz.
    """
    frames = sources[:, : sources.shape[-1] // FRAME * FRAME]
    power = np.square(frames.reshape(len(sources), -1, FRAME)).mean(-1)
    heard = (power > HEARD * power.max(-1, keepdims=True)).sum(0)
    return float((heard > 1).sum() / max((heard > 0).sum(), 1))


def _seconds(signal: Signal) -> Figures:
    """Mean power of the second around each point of the curve, (item, frame)."""
    time = signal.shape[-1]
    block = gcd(CURVE_HOP, SAMPLE_RATE // 2)
    center = CURVE_HOP * np.arange(curve_frames(time))
    start = (center - SAMPLE_RATE // 2).clip(0, time - 1)
    stop = (center + SAMPLE_RATE // 2).clip(1, time)
    blocks = np.pad(signal, ((0, 0), (0, -time % block)))
    energy = np.square(blocks).reshape(len(signal), -1, block).sum(-1)
    total = np.pad(np.cumsum(energy, -1, dtype=np.float64), ((0, 0), (1, 0)))
    first, last = start // block, -(-stop // block)
    return (total[:, last] - total[:, first]) / (stop - start)


def _unit(signals: Signal) -> Figures:
    centered = signals - signals.mean(-1, keepdims=True, dtype=np.float64)
    return centered / np.linalg.norm(centered, axis=-1, keepdims=True)
