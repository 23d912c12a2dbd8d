"""How near estimates come to their references, under the best pairing of all.

For training and benchmarks only; scores that are published come from `estimator`.
"""

from functools import cache
from itertools import permutations

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
    """Reorder estimates, (batch, source, time), to the pairing of best mean SI-SNR."""
    with torch.no_grad():
        each = si_snr(
            estimates=estimates[:, None], references=references[:, :, None]
        )  # (batch, reference, estimate)
        orders = _orders(estimates.shape[1]).to(each.device)  # (order, source)
        rows = torch.arange(estimates.shape[1], device=each.device)
        best = orders[each[:, rows, orders].sum(dim=-1).argmax(dim=1)]
    return estimates.gather(1, best[:, :, None].expand_as(estimates))


def improvement(mixtures: Tensor, estimates: Tensor, references: Tensor) -> Tensor:
    """SI-SNR gained over the mixture itself, in dB, (batch, source)."""
    after = si_snr(estimates=paired(estimates, references), references=references)
    before = si_snr(estimates=mixtures[:, None], references=references)
    return after - before


@cache
def _orders(sources: int) -> Tensor:
    return torch.tensor(list(permutations(range(sources))))


def _unit(signals: Tensor) -> Tensor:
    signals = signals - signals.mean(dim=-1, keepdim=True)
    return signals / (signals.norm(dim=-1, keepdim=True) + TINY)
