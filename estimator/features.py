"""What the estimator sees: frame-aligned maps of mixture, estimate and the rest."""

from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SAMPLE_RATE = 8_000
WINDOW = 256  # 32 ms
HOP = 128  # 16 ms
BANDS = 32  # mel
MAPS = 7
SCALARS = 6
RIDGE = 1e-3  # of unit power: two equal estimates still have one scale fit
LOG_FLOOR = 1e-5  # of the mixture's mean band power: -50 dB
COHERENCE_FRAMES = 5


class Features(NamedTuple):
    """One item per (mixture, estimate) pair, mixtures outermost."""

    maps: Tensor  # (item, map, band, frame)
    scalars: Tensor  # (item, scalar)


def describe(mixtures: Tensor, estimates: Tensor) -> Features:
    """Features of every estimate, seen beside its own mixture and its partner.

    The partner is the other estimate most alike, so any number of sources >= 2 works.
    No gain of any signal changes the result; no item sees another mixture.

    Args:
        mixtures: (batch, time) at 8 kHz.
        estimates: (batch, source, time) at 8 kHz, none silent.

    Returns:
        `batch * source` items, those of the first mixture first.
    """
    sources = estimates.shape[1]
    mixture = _normalize(mixtures)
    estimates = _normalize(estimates)
    parts = _fit(mixture, estimates)  # (batch, source, time)
    residual = mixture - parts.sum(1)
    partner = _partner(estimates)  # (batch, source)
    spectra = {
        "mixture": _repeat(_spectrum(mixture), sources),
        "estimate": _spectrum(parts).flatten(0, 1),
        "residual": _repeat(_spectrum(residual), sources),
    }
    spectra["partner"] = _pick(_spectrum(parts), partner).flatten(0, 1)
    signals = {
        "mixture": _repeat(mixture, sources),
        "estimate": parts.flatten(0, 1),
        "partner": _pick(parts, partner).flatten(0, 1),
        "residual": _repeat(residual, sources),
    }
    return Features(_maps(spectra), _scalars(signals))


def _normalize(signal: Tensor) -> Tensor:
    signal = signal - signal.mean(-1, keepdim=True)
    return signal / signal.square().mean(-1, keepdim=True).sqrt()


def _fit(mixture: Tensor, estimates: Tensor) -> Tensor:
    """Scale the estimates so that their sum comes nearest to the mixture."""
    time = mixture.shape[-1]
    gram = estimates @ estimates.mT / time  # (batch, source, source)
    cross = (estimates @ mixture[..., None]) / time  # (batch, source, 1)
    ridge = RIDGE * torch.eye(gram.shape[-1], device=gram.device, dtype=gram.dtype)
    return estimates * torch.linalg.solve(gram + ridge, cross)


def _partner(estimates: Tensor) -> Tensor:
    alike = (estimates @ estimates.mT).abs()
    itself = torch.eye(alike.shape[-1], dtype=torch.bool, device=alike.device)
    return alike.masked_fill(itself, -1).argmax(-1)


def _repeat(values: Tensor, sources: int) -> Tensor:
    """Each mixture's values once per source, kept beside each other."""
    return values.repeat_interleave(sources, dim=0)


def _pick(values: Tensor, partner: Tensor) -> Tensor:
    rows = torch.arange(len(values), device=values.device)[:, None]
    return values[rows, partner]


def _spectrum(signal: Tensor) -> Tensor:
    window = torch.hann_window(WINDOW, device=signal.device, dtype=signal.dtype)
    flat = signal.reshape(-1, signal.shape[-1])
    spectrum = torch.stft(flat, WINDOW, HOP, window=window, return_complex=True)
    return spectrum.reshape(*signal.shape[:-1], *spectrum.shape[-2:])


def _maps(spectra: dict[str, Tensor]) -> Tensor:
    filters = mel_filters().to(spectra["mixture"].device)
    power = {
        name: filters @ spectrum.abs().square() for name, spectrum in spectra.items()
    }
    level = power["mixture"].mean((1, 2), keepdim=True)

    def coherence(one: str, other: str) -> Tensor:
        shared = filters @ (spectra[one] * spectra[other].conj()).real
        scale = (_smooth(power[one]) * _smooth(power[other])).sqrt()
        return _smooth(shared) / (scale + 1e-4 * level)

    energies = [
        torch.log10(power[name] / level + LOG_FLOOR)
        for name in ("mixture", "estimate", "partner", "residual")
    ]
    coherences = [
        coherence("estimate", name) for name in ("partner", "mixture", "residual")
    ]
    return torch.stack([*energies, *coherences], dim=1)  # (item, map, band, frame)


def _smooth(power: Tensor) -> Tensor:
    return F.avg_pool1d(power, COHERENCE_FRAMES, 1, COHERENCE_FRAMES // 2)


def _scalars(signals: dict[str, Tensor]) -> Tensor:
    def product(one: str, other: str) -> Tensor:
        return (signals[one] * signals[other]).mean(-1)

    def ratio(name: str) -> Tensor:
        return torch.log10(
            product(name, name) / product("mixture", "mixture") + LOG_FLOOR
        )

    def correlation(one: str, other: str) -> Tensor:
        scale = (product(one, one) * product(other, other)).sqrt()
        return product(one, other) / (scale + LOG_FLOOR)

    return torch.stack(
        [
            ratio("estimate"),
            ratio("partner"),
            ratio("residual"),
            correlation("estimate", "mixture"),
            correlation("estimate", "partner"),
            correlation("estimate", "residual"),
        ],
        dim=-1,
    )


def mel_filters() -> Tensor:
    """Triangular mel bands from 40 Hz to half the rate, (band, frequency)."""
    highest = SAMPLE_RATE / 2
    edges = _hertz(np.linspace(_mel(40.0), _mel(highest), BANDS + 2))
    bins = np.linspace(0, highest, WINDOW // 2 + 1)
    rise = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.clip(np.minimum(rise, fall), 0, None)
    for band in np.flatnonzero(filters.sum(1) < 0.5):  # narrower than one bin
        filters[band, np.abs(bins - edges[band + 1]).argmin()] = 1.0
    return torch.tensor(filters, dtype=torch.float32)


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: np.ndarray) -> np.ndarray:
    return 700 * (10 ** (mel / 2595) - 1)
