"""Estimates brought to a drawn SI-SNR by the gain of their own error."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from estimator.material.labels import order_of, pairwise_si_snr
from estimator.material.scene import Signal

Figures = NDArray[np.float64]
LOWEST_DB, HIGHEST_DB = -15.0, 30.0
MOST_LAM = 9.0  # of the error of a real separator
LOST_DB = -35.0  # an estimate with less of its source has nothing to be brought to
SPREAD_DB = 5.0  # between sources of one version
MOST_LEAK = 0.5  # of the target's energy, so that an estimate stays its own source's
TINY = 1e-12


def aims(count: int, rng: Generator) -> Figures:
    """SI-SNRs in dB for the sources of one version, each even over -15..30 dB.

    In half of the draws the sources lie close to each other, else anywhere.
    """
    if rng.random() < 0.5:
        return rng.uniform(LOWEST_DB, HIGHEST_DB, count)
    near = rng.uniform(LOWEST_DB, HIGHEST_DB) + rng.uniform(-1, 1, count) * SPREAD_DB
    near = np.where(near < LOWEST_DB, 2 * LOWEST_DB - near, near)
    return np.where(near > HIGHEST_DB, 2 * HIGHEST_DB - near, near)


def aimed(
    estimates: Signal,
    references: Signal,
    aims_db: Figures,
    *,
    spare: Signal,
    most_lam: float = np.inf,
) -> Signal:
    """The same errors, made louder or softer: SI-SNR as asked.

    With estimate = w * reference + error and the error orthogonal to the reference,
    SI-SNR = 10 log10(|w * reference|^2 / |error|^2), so a gain of the error sets it.
    Where the errors are so loud that estimates would be taken for each other's, the
    leak of other sources is limited and the rest of the error (or `spare`, where
    there is none) made louder instead.

    Args:
        estimates: (source, time), in the order of the references.
        references: (source, time).
        aims_db: (source,).
        spare: a signal to take errors from, (time,), such as the scene's noise.
        most_lam: the largest gain of an error.

    Returns:
        (source, time), zero mean. An estimate without its source stays as it is.
    """
    references = references - references.mean(-1, keepdims=True)
    estimates = estimates - estimates.mean(-1, keepdims=True)
    weights = _inner(estimates, references) / (_energy(references) + TINY)
    targets = weights[:, None].astype(np.float32) * references
    errors = estimates - targets
    signal, noise = _energy(targets), _energy(errors)
    lost = signal < 10 ** (LOST_DB / 10) * noise
    wanted = signal / 10 ** (aims_db / 10)
    lams = np.sqrt(wanted / (noise + TINY * signal + TINY))
    lams = np.where(lost, 1.0, np.minimum(lams, most_lam)).astype(np.float32)
    found = targets + lams[:, None] * errors
    if _in_order(found, references):
        return found
    span = np.linalg.qr(references.T.astype(np.float64))[0].astype(np.float32)
    for k in np.flatnonzero(~lost):
        most_leak = min(MOST_LEAK * signal[k], 0.5 * wanted[k])
        found[k] = targets[k] + _unlike(errors[k], span, wanted[k], most_leak, spare)
    return found


def louder_errors(estimates: Signal, references: Signal, lam: float) -> Signal:
    """reference + lam * (estimate - reference), each estimate scaled to its reference.

    Args:
        estimates: (source, time), in the order of the references.
        references: (source, time).
        lam: 0 gives the references, 1 the estimates.
    """
    inner = _inner(estimates, references)[:, None]
    targets = (inner / (_energy(references) + TINY)[:, None]) * references
    return np.asarray(targets + lam * (estimates - targets), dtype=np.float32)


def _unlike(
    error: Signal, span: Signal, energy: float, most_leak: float, spare: Signal
) -> Signal:
    """An error of this energy with at most so much of the other references."""
    leak = span @ (span.T @ error)
    rest = error - leak
    if _energy(rest) < 1e-4 * _energy(error):
        rest = spare - spare.mean()
        rest = rest - span @ (span.T @ rest)
    leaked = float(_energy(leak))
    kept = min(leaked, most_leak)
    softer = np.float32(np.sqrt(kept / (leaked + TINY)))
    louder = np.float32(np.sqrt((energy - kept) / (float(_energy(rest)) + TINY)))
    return np.asarray(softer * leak + louder * rest, dtype=np.float32)


def _in_order(estimates: Signal, references: Signal) -> bool:
    found = order_of(pairwise_si_snr(estimates, references))
    return bool((found == np.arange(len(found))).all())


def _energy(signal: Signal) -> Figures:
    return _inner(signal, signal)


def _inner(one: Signal, other: Signal) -> Figures:
    return np.asarray(np.einsum("...t,...t->...", one, other), dtype=np.float64)
