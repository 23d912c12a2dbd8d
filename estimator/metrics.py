"""SI-SNR and SDR against known references, under the best permutation."""

import fast_bss_eval
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

FLOOR = 1e-8  # of unit energy: bounds SI-SNR to +-80 dB
FILTER = 512  # taps that SDR forgives, as BSS-eval
SILENCE = 1e-10  # of the norm before its mean is removed: rounding, not sound


def si_snr(*, estimate: Tensor, reference: Tensor) -> Tensor:
    """Scale-invariant signal-to-noise ratio of each estimate.

    Both signals lose their mean and get unit energy *before* the floor, in float64,
    so that the gain of a quiet recording does not change the figure.

    Args:
        estimate: separated signals, (..., time).
        reference: true signals, (..., time); leading axes broadcast.

    Returns:
        SI-SNR in dB within +-80, float64, (...). Higher is better.

    Raises:
        ValueError: if the lengths differ, or a signal is silent or not finite.

    Source: Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019.
    """
    if estimate.shape[-1] != reference.shape[-1]:
        raise ValueError(
            f"estimate has {estimate.shape[-1]} samples and reference "
            f"{reference.shape[-1]}; cut them to one length first"
        )
    estimate = _unit_energy(estimate, "estimate")
    reference = _unit_energy(reference, "reference")
    target = (estimate * reference).sum(-1, keepdim=True) * reference
    noise = estimate - target
    return 10 * torch.log10((_energy(target) + FLOOR) / (_energy(noise) + FLOOR))


def pit_si_snr(*, estimates: Tensor, references: Tensor) -> tuple[Tensor, list[int]]:
    """SI-SNR of each source under the permutation with the best mean.

    Args:
        estimates: (source, time).
        references: (source, time).

    Returns:
        SI-SNR in dB of each reference, (source,), and `order`, where
        `estimates[order[i]]` is the estimate of `references[i]`.

    Raises:
        ValueError: if the shapes differ, or a signal is silent or not finite.
    """
    _check_alike(estimates, references)
    pairwise = si_snr(estimate=estimates[None, :], reference=references[:, None])
    rows, order = linear_sum_assignment(pairwise.numpy(force=True), maximize=True)
    return pairwise[rows, order], order.tolist()


def pit_sdr(*, estimates: Tensor, references: Tensor) -> tuple[Tensor, list[int]]:
    """BSS-eval SDR of each source under the permutation with the best mean.

    A filter of 512 taps on the reference is forgiven: short delays, the color of a
    microphone. SI-SNR forgives a gain alone. Signals get unit energy first.

    Args:
        estimates: (source, time).
        references: (source, time), longer than the filter.

    Returns:
        SDR in dB of each reference, float64, (source,), and `order` as in `pit_si_snr`.

    Raises:
        ValueError: if the shapes differ, the signals are too short, or one is silent
            or not finite.

    Source: Scheibler, "SDR - medium rare with fast computations", ICASSP 2022.
    """
    _check_alike(estimates, references)
    if references.shape[-1] <= FILTER:
        raise ValueError(
            f"the signals have {references.shape[-1]} samples; SDR forgives a filter "
            f"of {FILTER} and needs more than that"
        )
    found, order = fast_bss_eval.sdr(
        _unit_energy(references, "reference").numpy(force=True),
        _unit_energy(estimates, "estimate").numpy(force=True),
        filter_length=FILTER,
        return_perm=True,
    )
    return torch.from_numpy(found), [int(which) for which in order]


def si_snr_improvement(
    *, estimates: Tensor, references: Tensor, mixture: Tensor
) -> tuple[Tensor, list[int]]:
    """SI-SNR of each source above what the untouched mixture scores for it.

    Args:
        estimates: (source, time).
        references: (source, time).
        mixture: (time,).

    Returns:
        Improvement in dB of each reference, (source,), and `order` as in `pit_si_snr`.

    Raises:
        ValueError: if the shapes differ, or a signal is silent or not finite.
    """
    after, order = pit_si_snr(estimates=estimates, references=references)
    return after - si_snr(estimate=mixture[None], reference=references), order


def _check_alike(estimates: Tensor, references: Tensor) -> None:
    if estimates.ndim != 2 or estimates.shape != references.shape:
        raise ValueError(
            f"estimates have shape {tuple(estimates.shape)} and references "
            f"{tuple(references.shape)}; both must be one (source, time)"
        )


def _unit_energy(signal: Tensor, role: str) -> Tensor:
    signal = signal.to(torch.float64)
    if not signal.isfinite().all():
        raise ValueError(
            f"{role} holds NaN or infinite samples; SI-SNR needs finite ones"
        )
    centered = signal - signal.mean(dim=-1, keepdim=True)
    norm = centered.norm(dim=-1, keepdim=True)
    if not (norm > SILENCE * signal.norm(dim=-1, keepdim=True)).all():
        raise ValueError(
            f"SI-SNR is undefined for a silent signal: {role} has one; "
            "store it as no output instead of a figure"
        )
    return centered / norm


def _energy(signal: Tensor) -> Tensor:
    return signal.square().sum(-1)
