"""Estimates of a chosen kind and badness, made from mixtures whose sources we know."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from estimator.features import SAMPLE_RATE

Signal = NDArray[np.float32]
WINDOW, HOP = 256, 64
TINY = 1e-8


class Scene(NamedTuple):
    """One synthetic mixture and all that is in it; mixture = sources + noise."""

    mixture: Signal  # (time,)
    sources: Signal  # (source, time), as the microphone heard them
    noise: Signal  # (time,)


def degrade(scene: Scene, rng: Generator) -> Signal:
    """Estimates of the sources, in their order, damaged in one or several ways.

    Returns:
        (source, time): from untouched mixtures to nearly perfect.
    """
    starts: list[Callable[[Scene, Generator], Signal]]
    starts = [copied_mixture, collapsed, leaky, masked]
    start = starts[rng.choice(4, p=[0.05, 0.05, 0.4, 0.5])]
    estimates = start(scene, rng)
    if rng.random() < 0.3:
        estimates = swapped(estimates, rng)
    if rng.random() < 0.45:
        estimates = spoiled(estimates, rng)
    if rng.random() < 0.35:
        estimates = error_scaled(estimates, scene.sources, rng.uniform(-25, 12))
    return estimates.astype(np.float32)


def copied_mixture(scene: Scene, rng: Generator) -> Signal:
    """The mixture for every source: a separator that did nothing."""
    return np.stack([scene.mixture] * len(scene.sources))


def collapsed(scene: Scene, rng: Generator) -> Signal:
    """One source found, the other estimate left with much of the mixture."""
    found = rng.integers(len(scene.sources))
    rest = scene.mixture - rng.uniform(0.3, 1) * scene.sources[found]
    estimates = np.stack([rest if rng.random() < 0.5 else scene.mixture] * 2)
    estimates[found] = scene.mixture if rng.random() < 0.5 else scene.sources[found]
    return estimates


def leaky(scene: Scene, rng: Generator) -> Signal:
    """Each source with the other at -3..35 dB below it, and noise."""
    levels = np.sqrt(np.square(scene.sources).mean(-1)) + TINY
    estimates = scene.sources.copy()
    for k, other in ((0, 1), (1, 0)):
        leak = _gain(-rng.uniform(-3, 35)) * levels[k] / levels[other]
        estimates[k] += leak * scene.sources[other]
        if rng.random() < 0.8:
            estimates[k] += _gain(-rng.uniform(-5, 30)) * scene.noise
    return estimates


def masked(scene: Scene, rng: Generator) -> Signal:
    """The mixture under ratio or binary masks, with mask noise, smoothing, blending."""
    parts = _spectrum(np.stack([*scene.sources, scene.noise]))
    sizes = np.abs(parts) ** rng.uniform(0.5, 3)
    masks = sizes[:-1] / (sizes.sum(0) + TINY)
    roughness, blend = rng.uniform(0, 3), rng.uniform(0, 0.5) * (rng.random() < 0.6)
    binary, smooth = rng.random() < 0.25, rng.random() < 0.3
    coarse = rng.random() < 0.5  # a weak separator mistakes whole syllables
    grain = (
        (rng.uniform(2, 10), rng.uniform(5, 40))
        if coarse
        else (rng.uniform(0.3, 4), rng.uniform(0.3, 6))
    )
    for k, mask in enumerate(masks):
        if roughness > 0.1:
            logit = np.log(mask + 1e-3) - np.log(1 - mask + 1e-3)
            logit += roughness * _smooth_noise(mask.shape, grain, rng)
            mask = 1 / (1 + np.exp(-logit))
        if binary:
            mask = (mask > 0.5).astype(np.float32)
        if smooth:
            mask = gaussian_filter(mask, (rng.uniform(0, 3), rng.uniform(0, 4)))
        masks[k] = (1 - blend) * mask + blend * 0.5
    mixture = _spectrum(scene.mixture)
    return _signal(masks * mixture, len(scene.mixture))


def swapped(estimates: Signal, rng: Generator) -> Signal:
    """Segments of 0.1 to 1.2 s, or a band, given to the wrong source."""
    time = estimates.shape[-1]
    if rng.random() < 0.3:
        spectra = _spectrum(estimates)
        low = rng.integers(0, 100)
        band = slice(low, low + rng.integers(8, 50))
        spectra[:, band] = spectra[::-1, band].copy()
        return _signal(spectra, time)
    wrong = np.zeros(time, dtype=np.float32)
    for _ in range(rng.integers(1, 4)):
        start = rng.integers(0, time)
        wrong[start : start + int(rng.uniform(0.1, 1.2) * SAMPLE_RATE)] = 1
    fade = np.hanning(160)  # 20 ms
    wrong = np.convolve(wrong, fade / fade.sum(), "same").astype(np.float32)
    return (1 - wrong) * estimates + wrong * estimates[::-1]


def spoiled(estimates: Signal, rng: Generator) -> Signal:
    """Holes, a crooked frequency response or jittered phases in the spectrum."""
    spectra = _spectrum(estimates)
    kind = rng.choice(["holes", "response", "jitter"], p=[0.4, 0.4, 0.2])
    for spectrum in spectra:
        if kind == "holes":
            grain = (rng.uniform(0.5, 3), rng.uniform(0.5, 4))
            field = _smooth_noise(spectrum.shape, grain, rng)
            hole = field < np.quantile(field[::4, ::4], rng.uniform(0.02, 0.4))
            spectrum *= np.where(hole, rng.uniform(0, 0.3), 1)
        elif kind == "response":
            curve = _smooth_noise((len(spectrum), 1), (rng.uniform(4, 20), 0), rng)
            spectrum *= _gain(rng.uniform(0, 6) * curve)
        else:
            phase = rng.uniform(0, 1.5) * _smooth_noise(spectrum.shape, (1, 1), rng)
            spectrum *= np.exp(1j * phase)
    return _signal(spectra, estimates.shape[-1])


def error_scaled(estimates: Signal, sources: Signal, gain_db: float) -> Signal:
    """The same error, louder or softer: real texture at any SI-SNR."""
    fit = (estimates * sources).sum(-1, keepdims=True)
    fit /= np.square(estimates).sum(-1, keepdims=True) + TINY
    estimates = fit * estimates if (np.abs(fit) > 1e-3).all() else estimates
    return sources + _gain(gain_db) * (estimates - sources)


def _gain(decibels: float | NDArray[np.floating]) -> NDArray[np.float32]:
    return np.asarray(10 ** (np.asarray(decibels) / 20), dtype=np.float32)


def _smooth_noise(
    shape: tuple[int, ...], grain: tuple[float, float], rng: Generator
) -> Signal:
    field = rng.standard_normal(shape, dtype=np.float32)
    field = gaussian_filter(field, grain, truncate=2.5)
    return field / (field.std() + TINY)


def _spectrum(signals: Signal) -> NDArray[np.complex64]:
    window = torch.hann_window(WINDOW)
    spectra = torch.stft(
        torch.from_numpy(signals), WINDOW, HOP, window=window, return_complex=True
    )
    return np.asarray(spectra.numpy())


def _signal(spectra: NDArray[np.complex64], time: int) -> Signal:
    window = torch.hann_window(WINDOW)
    spectra = np.ascontiguousarray(spectra, dtype=np.complex64)
    signals = torch.istft(
        torch.from_numpy(spectra), WINDOW, HOP, window=window, length=time
    )
    return np.asarray(signals.numpy())
