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

    As `metrics.si_snr` to 0.01 dB up to 35 dB, without its refusals; single precision
    and one product for all pairs make it ten times as fast.

    Args:
        estimates: (..., source, time), none silent.
        references: (source, time), none silent.

    Returns:
        dB within +-80, (..., source of the estimate, source of the reference).
    """
    share = np.square(cosines(estimates, references))
    return 10 * np.log10((share + FLOOR) / (1 - share + FLOOR))


def cosines(estimates: Signal, references: Signal) -> Figures:
    """Cosine between centered signals, (..., source of estimate, of reference)."""
    one, other = centered(estimates), centered(references)
    inner = (one @ other.T).astype(np.float64)
    found = inner / _norm(one)[..., None] / _norm(other)
    return np.clip(found, -1, 1)


def centered(signals: Signal) -> Signal:
    """Zero mean, (..., time)."""
    return signals - signals.mean(-1, keepdims=True)


def _norm(signals: Signal) -> Figures:
    return np.sqrt(np.square(signals).sum(-1).astype(np.float64))  # sums pairwise


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
    inner = cosines(estimates, references)  # (item, source)
    gram = cosines(references, references)
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
    estimates, references = centered(estimates), centered(references)
    own, shared, other = (
        _seconds(one, two)
        for one, two in (
            (estimates, estimates),
            (estimates, references),
            (references, references),
        )
    )
    level, product, energy = (
        np.einsum("it,it->i", one, two).astype(np.float64)[:, None] / len(one[0])
        for one, two in (
            (estimates, estimates),
            (estimates, references),
            (references, references),
        )
    )
    weight = product / energy
    signal = weight**2 * other
    error = np.maximum(own - 2 * weight * shared + signal, 0)
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


def _seconds(one: Signal, other: Signal) -> Figures:
    """Mean product in the second around each point of the curve, (item, frame)."""
    time = one.shape[-1]
    block = gcd(CURVE_HOP, SAMPLE_RATE // 2)
    center = CURVE_HOP * np.arange(curve_frames(time))
    start = (center - SAMPLE_RATE // 2).clip(0, time - 1)
    stop = (center + SAMPLE_RATE // 2).clip(1, time)
    whole = time // block * block
    parts = [x[:, :whole].reshape(len(x), -1, block) for x in (one, other)]
    sums = np.einsum("ibt,ibt->ib", *parts)
    rest = np.einsum("it,it->i", one[:, whole:], other[:, whole:])
    sums = np.column_stack([sums, rest])
    total = np.pad(np.cumsum(sums, -1, dtype=np.float64), ((0, 0), (1, 0)))
    first, last = start // block, -(-stop // block)
    return (total[:, last] - total[:, first]) / (stop - start)
