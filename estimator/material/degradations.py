"""Estimates of a chosen kind and badness, made from mixtures whose sources we know."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.special import expit

from estimator.features import SAMPLE_RATE
from estimator.material.scene import Scene, Signal
from estimator.material.spectra import (
    HOPS,
    TINY,
    Spectrum,
    field,
    signal,
    spectrum,
)

Start = Callable[["Parts", Generator], Signal]
Damage = Callable[[Signal, "Parts", Generator], Signal]
FADE = 160  # samples: 20 ms


class Parts:
    """A scene with the spectra of what is in it, computed once for all versions."""

    def __init__(self, scene: Scene, hop: int = HOPS[0]) -> None:
        self.scene, self.hop = scene, hop
        self._spectra: Spectrum | None = None
        self._levels: Signal | None = None

    @property
    def spectra(self) -> Spectrum:
        """Of the sources and then the noise, (part, frame, bin)."""
        if self._spectra is None:
            parts = np.concatenate([self.scene.sources, self.scene.noise[None]])
            self._spectra = spectrum(parts, self.hop)
        return self._spectra

    @property
    def levels(self) -> Signal:
        """Natural logarithm of the power of each part, (part, frame, bin)."""
        if self._levels is None:
            self._levels = np.log(power(self.spectra) + np.float32(TINY))
        return self._levels

    def of(self, signals: Signal) -> Spectrum:
        return spectrum(signals, self.hop)

    def back(self, spectra: Spectrum) -> Signal:
        return signal(spectra, self.scene.mixture.shape[-1], self.hop)


def degrade(parts: Parts, rng: Generator) -> Signal:
    """Estimates of the sources, in their order, damaged in one or several ways.

    Returns:
        (source, time): from untouched mixtures to nearly perfect.
    """
    start = STARTS[int(rng.choice(len(STARTS), p=SHARES))]
    estimates = start(parts, rng)
    for damage, chance in DAMAGES:
        if rng.random() < chance:
            estimates = damage(estimates, parts, rng)
    return estimates.astype(np.float32, copy=False)


def copied_mixture(parts: Parts, rng: Generator) -> Signal:
    """The mixture for every source: a separator that did nothing."""
    return np.stack([parts.scene.mixture] * len(parts.scene.sources))


def collapsed(parts: Parts, rng: Generator) -> Signal:
    """One source found, the other estimates left with much of the mixture, or with
    the same source again."""
    mixture, sources = parts.scene.mixture, parts.scene.sources
    found = int(rng.integers(len(sources)))
    rest = mixture - np.float32(rng.uniform(0.3, 1)) * sources[found]
    again = sources[found] + np.float32(rng.uniform(0, 0.3)) * mixture
    others = (rest, mixture, again)[int(rng.integers(3))]
    estimates = np.stack([others] * len(sources))
    estimates[found] = mixture if rng.random() < 0.3 else sources[found]
    return estimates


def leaky(parts: Parts, rng: Generator) -> Signal:
    """Each source with the others at -3..35 dB below it, and noise."""
    sources, noise = parts.scene.sources, parts.scene.noise
    count = len(sources)
    levels = np.sqrt(np.square(sources).mean(-1)) + TINY
    leak = gain(-rng.uniform(-3, 35, (count, count)))
    np.fill_diagonal(leak, 1)
    hiss = gain(-rng.uniform(-5, 30, count)) * (rng.random(count) < 0.8)
    mixing = (leak * levels[:, None] / levels).astype(np.float32)
    return mixing @ sources + hiss[:, None].astype(np.float32) * noise


def masked(parts: Parts, rng: Generator) -> Signal:
    """The mixture under ratio or binary masks, with mask noise, smoothing, blending."""
    count = len(parts.scene.sources)
    exponent, roughness = rng.uniform(0.25, 1.5), rng.uniform(0, 3)
    shares = np.float32(exponent) * parts.levels
    shares = np.exp(shares - shares.max(0))
    total = shares.sum(0)
    blend = rng.uniform(0, 0.5) if rng.random() < 0.6 else 0.0
    binary, smooth = rng.random() < 0.25, rng.random() < 0.3
    grain = "coarse" if rng.random() < 0.5 else "fine"
    mixture = parts.spectra.sum(0)
    estimates = np.empty((count, *mixture.shape), dtype=np.complex64)
    for k in range(count):
        logit = np.log((shares[k] + 1e-3) / (total - shares[k] + np.float32(1e-3)))
        if roughness > 0.1:
            logit += np.float32(roughness) * field(grain, len(mixture), rng)
        mask = (logit > 0).astype(np.float32) if binary else expit(logit)
        if smooth:
            for axis in (0, 1):
                mask = uniform_filter1d(mask, int(rng.integers(1, 7)), axis)
        estimates[k] = mixture * np.float32(1 - blend) * mask
        estimates[k] += np.float32(blend / count) * mixture
    return parts.back(estimates)


def swapped(estimates: Signal, parts: Parts, rng: Generator) -> Signal:
    """Segments of 0.1 to 1.2 s, or a band, given to the wrong source."""
    time = estimates.shape[-1]
    if rng.random() < 0.3:
        spectra = parts.of(estimates)
        low = int(rng.integers(0, 100))
        band = slice(low, low + int(rng.integers(8, 50)))
        spectra[..., band] = np.roll(spectra[..., band], 1, axis=0)
        return parts.back(spectra)
    wrong = np.zeros(time, dtype=np.float32)
    for _ in range(int(rng.integers(1, 4))):
        start = int(rng.integers(0, time))
        wrong[start : start + int(rng.uniform(0.1, 1.2) * SAMPLE_RATE)] = 1
    wrong = uniform_filter1d(wrong, FADE)
    return estimates + wrong * (np.roll(estimates, 1, axis=0) - estimates)


def muted(estimates: Signal, parts: Parts, rng: Generator) -> Signal:
    """One estimate silent for a while, or cut off before its end or after its start."""
    time = estimates.shape[-1]
    heard = np.ones(time, dtype=np.float32)
    length = int(rng.uniform(0.1, 0.6) * time)
    start = (0, time - length, int(rng.integers(time - length)))[int(rng.integers(3))]
    heard[start : start + length] = rng.uniform(0, 0.05)
    muted = estimates.copy()
    muted[int(rng.integers(len(estimates)))] *= uniform_filter1d(heard, FADE)
    return muted


def spoiled(estimates: Signal, parts: Parts, rng: Generator) -> Signal:
    """Damage to the spectrum: holes, musical noise, a crooked response, jittered
    phases, or a gain that pumps."""
    spectra = parts.of(estimates)
    kind = rng.choice(["holes", "musical", "response", "jitter", "pumping"])
    frames = spectra.shape[1]
    for k, found in enumerate(spectra):
        if kind == "holes":
            hole = field("speckle", frames, rng) < rng.uniform(-2, -0.2)  # 2 to 40 %
            found *= np.where(hole, np.float32(rng.uniform(0, 0.3)), np.float32(1))
        elif kind == "musical":
            spots = field("speckle", frames, rng) > rng.uniform(1, 2)
            other = parts.spectra.sum(0) - parts.spectra[k]
            found[spots] += np.float32(rng.uniform(0.3, 2)) * other[spots]
        elif kind == "jitter":
            phase = np.float32(rng.uniform(0, 1.5)) * field("fine", frames, rng)
            found *= np.cos(phase) + 1j * np.sin(phase)
        else:
            shape = field("response" if kind == "response" else "course", frames, rng)
            line = shape[:1] if kind == "response" else shape[:, :1]
            found *= gain(rng.uniform(0, 6) * line)
    return parts.back(spectra)


def power(spectra: Spectrum) -> Signal:
    """Squared size; half the time of `abs` squared."""
    return spectra.real**2 + spectra.imag**2


def gain(decibels: float | NDArray[np.floating]) -> Signal:
    return np.asarray(10 ** (np.asarray(decibels) / 20), dtype=np.float32)


STARTS: tuple[Start, ...] = (copied_mixture, collapsed, leaky, masked)
SHARES = (0.05, 0.08, 0.35, 0.52)
DAMAGES: tuple[tuple[Damage, float], ...] = (
    (swapped, 0.25),
    (muted, 0.08),
    (spoiled, 0.4),
)
