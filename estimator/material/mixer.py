"""An endless, seeded stream of mixtures made of recordings."""

import numpy as np
from numpy.random import Generator
from scipy.signal import fftconvolve, resample_poly

from estimator.features import SAMPLE_RATE
from estimator.material.degradations import Scene, Signal
from estimator.material.recordings import Recordings

QUIET = 1e-3  # RMS under which an excerpt holds no speech
SPEEDS = ((10, 9), (20, 19), (20, 21), (10, 11))
TRIES = 20


class Mixer:
    """Draws two-speaker scenes: level, speed, overlap, room and noise all vary."""

    def __init__(
        self,
        speech: Recordings,
        noise: Recordings | None = None,
        rooms: Recordings | None = None,
        seconds: float = 3.0,
    ) -> None:
        self.speech, self.noise, self.rooms = speech, noise, rooms
        self.samples = int(seconds * SAMPLE_RATE)

    def scene(self, rng: Generator) -> Scene:
        speakers = self.speech.draw(2, rng)
        sources = np.stack([self._utterance(name, rng) for name in speakers])
        if rng.random() < 0.3:
            self._part(sources, rng)
        if rng.random() < 0.6:
            sources = self._place(sources, rng)
        sources /= np.sqrt(np.square(sources).mean(-1, keepdims=True)) + 1e-8
        sources[1] *= 10 ** (rng.uniform(-5, 5) / 20)
        noise = self._noise(rng)
        noise /= np.sqrt(np.square(noise).mean()) + 1e-8
        ratio_db = rng.uniform(0, 25) if rng.random() < 0.6 else rng.uniform(35, 60)
        noise *= np.float32(10 ** (-ratio_db / 20))
        return Scene(sources.sum(0) + noise, sources, noise)

    def _utterance(self, speaker: str, rng: Generator) -> Signal:
        """An excerpt with speech in it; a short one lies somewhere in silence."""
        for _ in range(TRIES):
            signal = self.speech.any_of(speaker, rng)
            if rng.random() < 0.3:
                up, down = SPEEDS[rng.integers(len(SPEEDS))]
                signal = resample_poly(signal, up, down).astype(np.float32)
            excerpt = self._excerpt(signal, rng)
            if np.sqrt(np.square(excerpt).mean()) > QUIET:
                return excerpt
        raise ValueError(
            f"{speaker}: {TRIES} excerpts without speech; remove this folder"
        )

    def _excerpt(self, signal: Signal, rng: Generator) -> Signal:
        spare = len(signal) - self.samples
        if spare >= 0:
            start = rng.integers(spare + 1)
            return signal[start : start + self.samples].copy()
        before = rng.integers(-spare + 1)
        return np.pad(signal, (before, -spare - before))

    def _part(self, sources: Signal, rng: Generator) -> None:
        """Silence one source's beginning or end: partial overlap."""
        cut = int(rng.uniform(0.1, 0.5) * self.samples)
        silenced = sources[rng.integers(2)]
        kept = silenced.copy()
        silenced[slice(0, cut) if rng.random() < 0.5 else slice(-cut, None)] = 0
        if np.sqrt(np.square(silenced).mean()) <= QUIET:
            silenced[:] = kept

    def _place(self, sources: Signal, rng: Generator) -> Signal:
        """Both sources in one room, each at its own place."""
        if self.rooms is not None and rng.random() < 0.3:
            room = self.rooms.draw(1, rng)[0]
            responses = [self.rooms.any_of(room, rng) for _ in sources]
        else:
            t60, ratio_db = rng.uniform(0.12, 0.6), rng.uniform(-3, 12)
            responses = [response(t60, ratio_db, rng) for _ in sources]
        heard = [
            fftconvolve(source, room_response)[: self.samples]
            for source, room_response in zip(sources, responses, strict=True)
        ]
        return np.stack(heard).astype(np.float32)

    def _noise(self, rng: Generator) -> Signal:
        kind = rng.random()
        if self.noise is not None and kind < 0.5:
            signal = self.noise.any_of(self.noise.draw(1, rng)[0], rng)
            noise = np.resize(np.roll(signal, rng.integers(len(signal))), self.samples)
            hiss = rng.standard_normal(self.samples, dtype=np.float32)
            return noise + (1e-2 * np.abs(noise).max() + 1e-6) * hiss
        if kind < 0.7:
            speakers = self.speech.draw(min(6, len(self.speech.groups)), rng)
            babble = [self._utterance(name, rng) for name in speakers]
            return np.asarray(np.sum(babble, axis=0))
        return colored(self.samples, rng.uniform(-1.0, 0.2), rng)


def response(t60: float, ratio_db: float, rng: Generator) -> Signal:
    """A room response: direct sound, then exponentially fading noise."""
    time = np.arange(int(t60 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / t60)
    tail[: int(0.002 * SAMPLE_RATE)] = 0
    tail *= 10 ** (-ratio_db / 20) / np.sqrt(np.square(tail).sum())
    tail[0] = 1
    return tail.astype(np.float32)


def colored(samples: int, slope: float, rng: Generator) -> Signal:
    """Noise whose amplitude spectrum follows frequency ** slope."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequency = np.maximum(np.arange(len(spectrum)), samples * 50 / SAMPLE_RATE)
    return np.fft.irfft(spectrum * frequency**slope, samples).astype(np.float32)
