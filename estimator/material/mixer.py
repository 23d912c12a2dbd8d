"""An endless, seeded stream of mixtures made of recordings."""

from typing import Self

import numpy as np
from numpy.random import Generator
from scipy.signal import resample_poly

from estimator.features import SAMPLE_RATE
from estimator.material import channel, rooms
from estimator.material.noises import babble_of, colored
from estimator.material.recordings import Recordings
from estimator.material.scene import Scene, Signal

QUIET = 1e-3  # RMS under which an excerpt holds no speech
SPEEDS = ((10, 9), (20, 19), (20, 21), (10, 11))
TRIES = 20
LEAST_OVERLAP = 0.2
IN_ROOM, IN_MEASURED_ROOM, NOISY = 0.6, 0.3, 0.6  # chances; the second of the first
IN_CODEC, CLIPPED = channel.CODED, channel.OVERLOADED


class Mixer:
    """Draws scenes: talkers, level, speed, overlap, room, noise and channel vary."""

    def __init__(
        self,
        speech: Recordings,
        noise: Recordings | None = None,
        rooms: Recordings | None = None,
        seconds: float = 3.0,
        speakers: tuple[int, ...] = (2,),
        room_seed: int = 0,
    ) -> None:
        """Take recordings, how many talkers a scene may have, and simulated rooms.

        Raises:
            ValueError: if the speech holds fewer speakers than a scene needs.
        """
        if len(speech.groups) < max(speakers):
            raise ValueError(
                f"the speech holds {len(speech.groups)} speakers and a mixture needs "
                f"{max(speakers)} different ones; add a folder for each speaker"
            )
        self.speech, self.noise, self.rooms = speech, noise, rooms
        self.samples = int(seconds * SAMPLE_RATE)
        self.speakers = speakers
        self.room_seed = room_seed

    def without(self, corpus: str) -> Self:
        """The same mixer without the speakers of one corpus, if it has any of them."""
        corpora = self.speech.corpora()
        speech = self.speech.without(corpus) if corpus in corpora else self.speech
        possible = tuple(n for n in self.speakers if n <= len(speech.groups))
        return type(self)(
            speech,
            self.noise,
            self.rooms,
            self.samples / SAMPLE_RATE,
            possible or self.speakers,
            self.room_seed,
        )

    def scene(self, rng: Generator) -> Scene:
        """One mixture of one to three seconds' worth of everything that may vary."""
        count = self.speakers[int(rng.integers(len(self.speakers)))]
        dry, spans = self._talkers(count, rng)
        sources, t60 = dry, 0.0
        if rng.random() < IN_ROOM:
            responses = self._room(count, rng)
            (sources, dry), t60 = rooms.heard(dry, responses), responses.t60
        gains = _gains(sources, spans, rng)
        sources, dry = gains * sources, gains * dry
        noise = self._noise(rng)
        noise /= np.sqrt(np.square(noise).mean()) + np.float32(1e-8)
        ratio_db = rng.uniform(0, 25) if rng.random() < NOISY else rng.uniform(35, 60)
        noise *= np.float32(10 ** (-ratio_db / 20))
        return _recorded(Scene(sources.sum(0) + noise, sources, noise, dry, t60), rng)

    def _talkers(self, count: int, rng: Generator) -> tuple[Signal, list[slice]]:
        """Different speakers and when each of them speaks."""
        names = self.speech.draw(count, rng)
        spans = overlapping_spans(self.samples, count, rng)
        dry = np.zeros((count, self.samples), dtype=np.float32)
        for source, name, span in zip(dry, names, spans, strict=True):
            source[span] = self._utterance(name, span.stop - span.start, rng)
        return dry, spans

    def _utterance(self, speaker: str, samples: int, rng: Generator) -> Signal:
        """An excerpt with speech in it; a short one lies somewhere in silence."""
        for _ in range(TRIES):
            up, down = 1, 1
            if rng.random() < 0.3:
                up, down = SPEEDS[int(rng.integers(len(SPEEDS)))]
            excerpt = self.speech.excerpt(speaker, samples * down // up + 1, rng)
            if up != down:
                excerpt = resample_poly(excerpt, up, down).astype(np.float32)
            excerpt = excerpt[:samples]
            if np.sqrt(np.square(excerpt).sum() / samples) > QUIET:
                before = int(rng.integers(samples - len(excerpt) + 1))
                return np.pad(excerpt, (before, samples - len(excerpt) - before))
        raise ValueError(
            f"{speaker}: {TRIES} excerpts without speech; remove this folder"
        )

    def _room(self, count: int, rng: Generator) -> rooms.Responses:
        """A measured or a simulated room, each talker at a place of her own."""
        if self.rooms is not None and rng.random() < IN_MEASURED_ROOM:
            return rooms.measured(self.rooms, rng, count)
        return rooms.simulated(int(rng.integers(rooms.COUNT)), self.room_seed)

    def _noise(self, rng: Generator) -> Signal:
        kind = rng.random()
        if self.noise is not None and kind < 0.5:
            signal = self.noise.any_of(self.noise.draw(1, rng)[0], rng)
            start = rng.integers(len(signal))
            noise = np.resize(np.roll(signal, start), self.samples)
            hiss = rng.standard_normal(self.samples, dtype=np.float32)
            return noise + np.float32(1e-2 * np.abs(noise).max() + 1e-6) * hiss
        if kind < 0.7:
            speakers = self.speech.draw(min(6, len(self.speech.groups)), rng)
            return babble_of([self._utterance(n, self.samples, rng) for n in speakers])
        return colored(self.samples, rng.uniform(-1.0, 0.2), rng)


def overlapping_spans(samples: int, count: int, rng: Generator) -> list[slice]:
    """When each talker speaks; 20 to 100 % of the time two or more do.

    Together the spans cover the whole time; in 45 % of the draws all speak throughout.
    """
    overlap = rng.uniform(LEAST_OVERLAP, 1.0) if rng.random() < 0.55 else 1.0
    shared = int(overlap * samples)
    first = shared + int(rng.uniform(0, 1) * (samples - shared))
    second = samples + shared - first
    spans = [slice(0, first), slice(samples - second, samples)]
    for _ in range(count - 2):
        length = int(rng.uniform(overlap, 1.0) * samples)
        start = int(rng.integers(samples - length + 1))
        spans.append(slice(start, start + length))
    return [spans[int(k)] for k in rng.permutation(count)]


def _gains(sources: Signal, spans: list[slice], rng: Generator) -> Signal:
    """For unit power where each speaks, others -5..5 dB beside the first."""
    powers = [np.square(s[span]).mean() for s, span in zip(sources, spans, strict=True)]
    levels_db = np.append(0.0, rng.uniform(-5, 5, len(sources) - 1))
    gains = 10 ** (levels_db / 20) / np.sqrt(np.array(powers) + 1e-12)
    return gains[:, None].astype(np.float32)


def _recorded(scene: Scene, rng: Generator) -> Scene:
    """The scene behind a channel; the linear part acts on the references too."""
    mixture, sources, noise, dry, t60 = scene
    gain = channel.response(rng)
    if gain is not None:
        count = len(sources)
        through = channel.filtered(np.stack([*sources, *dry, noise]), gain)
        sources, dry, noise = through[:count], through[count:-1], through[-1]
        mixture = sources.sum(0) + noise
    if rng.random() < CLIPPED:
        mixture = channel.overloaded(mixture, rng)
    if rng.random() < IN_CODEC:
        mixture = channel.coded(mixture, rng)
    return Scene(mixture, sources, mixture - sources.sum(0), dry, t60)
