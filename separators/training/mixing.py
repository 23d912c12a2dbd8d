"""Draws mixtures of a few speakers with known sources, endlessly, reproducibly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import fftconvolve
from torch import Tensor

from separators.training.speech import Signal, SpeechPool

QUIET_CROP = 0.3  # of its clip's level; below it a crop is mostly a pause
CROP_ATTEMPTS = 4


@dataclass(frozen=True)
class MixingPlan:
    """What a mixture looks like; levels in dB, chances between 0 and 1."""

    seconds: float = 2.0
    level_spread_db: float = 5.0
    noise_chance: float = 0.3
    noise_below_db: tuple[float, float] = (5.0, 25.0)
    room_chance: float = 0.3
    sources: int = 2


class Mixer:
    """An endless supply of mixtures; the same seed draws the same ones."""

    def __init__(
        self,
        speech: SpeechPool,
        *,
        plan: MixingPlan,
        seed: int,
        noises: Sequence[Signal] = (),
        rooms: Sequence[Signal] = (),
    ) -> None:
        if len(speech.speakers) < plan.sources:
            raise ValueError(
                f"{len(speech.speakers)} speakers cannot make a mixture of "
                f"{plan.sources}; expected as many speakers at least. Add folders of "
                "other speakers."
            )
        self.speech = speech
        self.plan = plan
        self.noises = noises
        self.rooms = rooms
        self.samples = round(plan.seconds * speech.sample_rate)
        self.random = np.random.default_rng(seed)
        weights = np.sqrt([len(own) for own in speech.clips])
        self._chances = weights / weights.sum()

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """Return mixtures (batch, time) and their references (batch, source, time)."""
        drawn = [self.draw() for _ in range(size)]
        mixtures = np.stack([mixture for mixture, _ in drawn])
        references = np.stack([reference for _, reference in drawn])
        return torch.from_numpy(mixtures), torch.from_numpy(references)

    def draw(self) -> tuple[Signal, Signal]:
        """Return one mixture (time,) and its references (source, time).

        The references carry the room, as a listener hears it, but not the noise.
        """
        talkers = self.random.choice(
            len(self.speech.speakers),
            self.plan.sources,
            replace=False,
            p=self._chances,
        )
        references = np.stack([self._utterance(int(talker)) for talker in talkers])
        if len(self.rooms) and self.random.random() < self.plan.room_chance:
            references = np.stack([self._in_a_room(own) for own in references])
        references = self._levels() * references / (_level(references) + 1e-8)
        mixture = references.sum(axis=0)
        if len(self.noises) and self.random.random() < self.plan.noise_chance:
            mixture = mixture + self._noise(float(_level(mixture)[0]))
        return mixture.astype(np.float32), references.astype(np.float32)

    def _levels(self) -> NDArray[np.float64]:
        """Gains whose extremes lie up to the spread apart, (source, 1)."""
        places = np.linspace(1, -1, self.plan.sources)[:, None]
        spread = self.random.uniform(-1, 1) * self.plan.level_spread_db / 2
        return 10 ** (spread * places / 20)

    def _utterance(self, speaker: int) -> Signal:
        clips = self.speech.clips[speaker]
        clip = _as_float(clips[int(self.random.integers(len(clips)))])
        wanted = QUIET_CROP * float(_level(clip)[0])
        for _ in range(CROP_ATTEMPTS):
            crop = self._crop(clip)
            if float(_level(crop)[0]) > wanted:
                break
        return crop - crop.mean()

    def _crop(self, clip: Signal) -> Signal:
        spare = len(clip) - self.samples
        if spare >= 0:
            start = int(self.random.integers(spare + 1))
            return clip[start : start + self.samples]
        start = int(self.random.integers(-spare + 1))
        return np.pad(clip, (start, -spare - start))

    def _in_a_room(self, signal: Signal) -> Signal:
        room = self.rooms[int(self.random.integers(len(self.rooms)))]
        return fftconvolve(signal, room)[: self.samples].astype(np.float32)

    def _noise(self, level: float) -> Signal:
        clip = self.noises[int(self.random.integers(len(self.noises)))]
        noise = self._crop(np.tile(clip, -(-self.samples // len(clip))))
        below = self.random.uniform(*self.plan.noise_below_db)
        gain = level * 10 ** (-below / 20) / (float(_level(noise)[0]) + 1e-4)
        return (gain * noise).astype(np.float32)


def _as_float(clip: NDArray[np.int16]) -> Signal:
    return clip.astype(np.float32) / np.float32(32768)


def _level(signal: Signal) -> Signal:
    """Root mean square over time, (..., 1)."""
    return np.sqrt(np.square(signal).mean(axis=-1, keepdims=True))
