"""How near estimates come to their references, under the better pairing of the two.

For training and benchmarks only; scores that are published come from `estimator`.
"""

import torch
from torch import Tensor

TINY = 1e-8


def si_snr(*, estimates: Tensor, references: Tensor) -> Tensor:
    """SI-SNR in dB over the last axis, both signals zero-mean and of unit energy.

    Source: Le Roux et al., "SDR - half-baked or well done?", ICASSP 2019.
    """
    cosine = (_unit(estimates) * _unit(references)).sum(dim=-1)
    explained = cosine.square().clamp(max=1.0)
    return 10 * torch.log10((explained + TINY) / (1 - explained + TINY))


def snr(*, estimates: Tensor, references: Tensor) -> Tensor:
    """SNR in dB over the last axis, at most 30; unlike SI-SNR it notices a gain."""
    energy = references.square().sum(dim=-1)
    noise = (references - estimates).square().sum(dim=-1)
    return 10 * torch.log10((energy + TINY) / (noise + 1e-3 * energy + TINY))


def paired(estimates: Tensor, references: Tensor) -> Tensor:
    """Reorder two estimates, (batch, 2, time), to the pairing of better mean SI-SNR."""
    with torch.no_grad():
        straight = si_snr(estimates=estimates, references=references).sum(dim=1)
        crossed = si_snr(estimates=estimates.flip(1), references=references).sum(dim=1)
        swap = crossed > straight  # (batch,)
    return torch.where(swap[:, None, None], estimates.flip(1), estimates)


def improvement(mixtures: Tensor, estimates: Tensor, references: Tensor) -> Tensor:
    """SI-SNR gained over the mixture itself, in dB, (batch, 2)."""
    after = si_snr(estimates=paired(estimates, references), references=references)
    before = si_snr(estimates=mixtures[:, None], references=references)
    return after - before


def _unit(signals: Tensor) -> Tensor:
    signals = signals - signals.mean(dim=-1, keepdim=True)
    return signals / (signals.norm(dim=-1, keepdim=True) + TINY)
