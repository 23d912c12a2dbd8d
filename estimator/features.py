"""What the estimator sees: frame-aligned maps of mixture, estimate and the rest."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

SAMPLE_RATE = 8_000
WINDOW = 256  # 32 ms
HOP = 128  # 16 ms
BANDS = 40  # mel; the lowest are hardly wider than a bin
MAPS = 7
RATIOS = 6
SCALARS = RATIOS + BANDS
RIDGE = 1e-3  # of unit power: two equal estimates still have one scale fit
FLOOR = 1e-5  # of the band's level: -50 dB
SILENT_BAND = 1e-6  # of the mean level of all bands: -60 dB
COHERENCE_FRAMES = 5
BLOCK = 1_024  # frames transformed at once: 16 s, so long recordings need no more


class Features(NamedTuple):
    """One item per (mixture, estimate) pair, mixtures outermost.

    Maps 0 to 3 are log10 of the energies of mixture, estimate, partner and residual
    over the band's level in the mixture; 4 to 6 are coherences of the estimate with
    partner, mixture and residual. Scalars are `RATIOS` figures of the whole, then
    log10 of every band's level over their mean.
    """

    maps: Tensor  # (item, map, band, frame)
    scalars: Tensor  # (item, scalar)


class Fit(NamedTuple):
    """Estimates scaled so that their sum comes nearest to the mixture."""

    gains: Tensor  # (batch, source)
    partner: Tensor  # (batch, source): the other estimate most alike
    ratios: Tensor  # (batch, source, RATIOS)


def describe(mixtures: Tensor, estimates: Tensor) -> Features:
    """Features of every estimate, seen beside its own mixture and its partner.

    The partner is the other estimate most alike, so any number of sources >= 2 works.
    No gain of any signal changes the result; no item sees another mixture. Since the
    transform is linear, only mixture and estimates are transformed.

    Args:
        mixtures: (batch, time) at 8 kHz.
        estimates: (batch, source, time) at 8 kHz, none silent.

    Returns:
        `batch * source` items, those of the first mixture first.
    """
    signals = unit_power(torch.cat([mixtures[:, None], estimates], dim=1))
    fit = fitted(signals @ signals.mT / signals.shape[-1])
    found = [energies(spectrum(block), fit) for block in blocks(signals)]
    return features_of(torch.cat(found, dim=-1), fit)


def unit_power(signals: Tensor) -> Tensor:
    """Zero mean, mean square one, (..., time)."""
    signals = signals - signals.mean(-1, keepdim=True)
    return signals / signals.square().mean(-1, keepdim=True).sqrt()


def fitted(products: Tensor) -> Fit:
    """The fit by least squares, from mean products of unit signals, mixture first.

    Args:
        products: (batch, 1 + source, 1 + source).
    """
    gram, cross = products[:, 1:, 1:], products[:, 1:, 0]
    itself = torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device)
    gains = _solved(gram + RIDGE * itself, cross)
    partner = (gram.abs() - 2 * itself).argmax(-1)
    power = gains.square() * gram.diagonal(dim1=-2, dim2=-1)
    with_parts = gram @ gains[..., None]  # product of each estimate with their sum
    left = cross - with_parts[..., 0]  # and with the residual
    residual = 1 - (gains * (cross + left)).sum(-1, keepdim=True)
    residual = residual.clamp(min=0).expand_as(power)
    alike = gram.gather(-1, partner[..., None])[..., 0]
    sign = gains.sign()
    ratios = [
        torch.log10(power + FLOOR),
        torch.log10(power.gather(-1, partner) + FLOOR),
        torch.log10(residual + FLOOR),
        sign * cross,
        sign * sign.gather(-1, partner) * alike,
        sign * left / (residual.sqrt() + FLOOR**0.5),
    ]
    return Fit(gains, partner, torch.stack(ratios, dim=-1))


def _solved(matrix: Tensor, right: Tensor) -> Tensor:
    """Gauss-Jordan without pivots: few, positive definite, and exportable."""
    rows = torch.cat([matrix, right[..., None]], dim=-1)
    for k in range(matrix.shape[-1]):
        pivot = rows[:, k : k + 1] / rows[:, k : k + 1, k : k + 1]
        above, below = rows[:, :k], rows[:, k + 1 :]
        above = above - above[..., k : k + 1] * pivot
        below = below - below[..., k : k + 1] * pivot
        rows = torch.cat([above, pivot, below], dim=1)
    return rows[..., -1]


def blocks(signals: Tensor) -> list[Tensor]:
    """Stretches that hold BLOCK frames each, centered as if silence surrounded all."""
    padded = F.pad(signals, (WINDOW // 2, WINDOW // 2))
    frames = 1 + signals.shape[-1] // HOP
    length = HOP * (BLOCK - 1) + WINDOW
    return [
        padded[..., HOP * start : HOP * start + length]
        for start in range(0, frames, BLOCK)
    ]


def spectrum(signals: Tensor) -> Tensor:
    """Real and imaginary parts of every frame, (2, batch, signal, frame, bin)."""
    window = torch.hann_window(WINDOW, device=signals.device)
    found = torch.fft.rfft(signals.unfold(-1, WINDOW, HOP) * window)
    return torch.stack([found.real, found.imag])


def energies(spectra: Tensor, fit: Fit) -> Tensor:
    """Band energies and cross energies of the fitted parts.

    Args:
        spectra: as `spectrum` returns them, of mixture and estimates.

    Returns:
        (batch, 2 + 4 * source, band, frame): mixture, residual, then of the estimates
        their energies and their products with partner, mixture and residual.
    """
    mixture = spectra[:, :, :1]
    parts = fit.gains[..., None, None] * spectra[:, :, 1:]
    residual = mixture - parts.sum(2, keepdim=True)
    partner = _picked(parts, fit.partner)
    pairs = [
        (mixture, mixture),
        (residual, residual),
        *((parts, other) for other in (parts, partner, mixture, residual)),
    ]
    found = torch.cat([(one * other).sum(0) for one, other in pairs], dim=1)
    return mel_filters(found.device) @ found.mT


def _picked(parts: Tensor, partner: Tensor) -> Tensor:
    index = partner[None, :, :, None, None].expand_as(parts)
    return parts.gather(2, index)


def features_of(found: Tensor, fit: Fit) -> Features:
    """Maps and scalars from what `energies` found in the whole recording."""
    sources = fit.gains.shape[1]
    mixture, residual = found[:, :1], found[:, 1:2]
    own, shared, mixed, left = found[:, 2:].unflatten(1, (4, sources)).unbind(1)  # type: ignore[no-untyped-call]
    level = mixture.square().sum(-1, keepdim=True) / (
        mixture.sum(-1, keepdim=True) + 1e-20
    )  # (batch, 1, band, 1): as loud as the band is when it sounds
    mean = level.mean(2, keepdim=True)
    level = level + SILENT_BAND * mean
    logs = torch.log10(torch.cat([mixture, residual, own], dim=1) / level + FLOOR)
    smooth = _smooth(torch.cat([mixture, residual, own], dim=1)).sqrt()
    index = fit.partner[..., None, None].expand_as(own)

    def coherence(product: Tensor, other: Tensor) -> Tensor:
        return _smooth(product) / (smooth[:, 2:] * other + 1e-4 * level)

    maps = [
        logs[:, :1].expand_as(own),
        logs[:, 2:],
        logs[:, 2:].gather(1, index),
        logs[:, 1:2].expand_as(own),
        coherence(shared, smooth[:, 2:].gather(1, index)),
        coherence(mixed, smooth[:, :1]),
        coherence(left, smooth[:, 1:2]),
    ]
    profile = torch.log10(level / mean)[..., 0].expand(-1, sources, -1)
    scalars = torch.cat([fit.ratios, profile], dim=-1)
    return Features(torch.stack(maps, dim=2).flatten(0, 1), scalars.flatten(0, 1))


def _smooth(energy: Tensor) -> Tensor:
    pad = COHERENCE_FRAMES // 2
    flat = energy.flatten(1, 2)
    return F.avg_pool1d(flat, COHERENCE_FRAMES, 1, pad).view_as(energy)


def mel_filters(device: torch.device | str = "cpu") -> Tensor:
    """Triangles evenly spaced in mel that sum to one at each frequency, (band, bin)."""
    return torch.tensor(_triangles(), dtype=torch.float32, device=device)


@cache
def _triangles() -> NDArray[np.float64]:
    highest = SAMPLE_RATE / 2
    low, high = _mel(40.0), _mel(highest)
    bins = _mel(np.linspace(0, highest, WINDOW // 2 + 1))
    place = np.clip((bins - low) / (high - low), 0, 1) * (BANDS - 1)
    filters = np.clip(1 - np.abs(place - np.arange(BANDS)[:, None]), 0, None)
    filters[:, 0] = 0  # no direct current
    return filters


def _mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)
