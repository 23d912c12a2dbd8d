"""Responses of rooms: simulated by the image method, or measured."""

from functools import cache
from typing import NamedTuple

import numpy as np
import pyroomacoustics
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from estimator.features import SAMPLE_RATE
from estimator.material.recordings import Recordings
from estimator.material.scene import Signal

COUNT = 200  # simulated rooms
PLACES = 3  # talkers in each, at one microphone
SHORTEST_S, LONGEST_S = 0.12, 0.8  # T60
ORDER = 12  # of reflections computed one by one; the tail after them is noise
SPEED_OF_SOUND = 343.0  # m/s
DIRECT = 20  # samples on both sides of the peak: 2.5 ms of direct sound


class Responses(NamedTuple):
    """What one microphone hears of several places in one room."""

    places: list[Signal]  # each starts `DIRECT` samples before its direct sound
    t60: float  # s


@cache
def simulated(number: int, seed: int = 0) -> Responses:
    """One of an endless row of shoe-box rooms; computed once, in milliseconds.

    Reflections up to order 12 come from the image method, what follows them is
    noise that fades at the room's rate. Source: Allen and Berkley, JASA 1979.
    """
    rng = np.random.default_rng([seed, number])
    size = rng.uniform([3.0, 3.0, 2.4], [9.0, 7.0, 3.6])
    t60 = float(rng.uniform(SHORTEST_S, LONGEST_S))
    while (absorption := _absorption(t60, size)) is None:
        t60 *= 1.1  # so large a room cannot fade so fast
    room = pyroomacoustics.ShoeBox(
        size,
        fs=SAMPLE_RATE,
        materials=pyroomacoustics.Material(absorption),
        max_order=ORDER,
    )
    room.add_microphone(rng.uniform(0.5, size - 0.5))
    for _ in range(PLACES):
        room.add_source(rng.uniform(0.5, size - 0.5))
    room.compute_rir()
    complete = int(ORDER * size.min() / SPEED_OF_SOUND * SAMPLE_RATE)
    places = [
        from_direct_sound(_with_tail(np.asarray(rir), complete, t60, rng))
        for rir in room.rir[0]
    ]
    return Responses(places, t60)


def _absorption(t60: float, size: NDArray[np.float64]) -> float | None:
    try:
        absorption, _ = pyroomacoustics.inverse_sabine(t60, size)
    except ValueError:
        return None
    return float(absorption)


def _with_tail(rir: Signal, complete: int, t60: float, rng: Generator) -> Signal:
    """The response, from where reflections are missing carried on as fading noise."""
    start = int(np.abs(rir).argmax())
    until = min(start + complete, len(rir))
    samples = start + int(t60 * SAMPLE_RATE)
    if samples <= until:
        return rir[:samples]
    fade = 10 ** (-3 * np.arange(samples) / (t60 * SAMPLE_RATE))
    known = slice((start + until) // 2, until)
    level = np.sqrt(np.square(rir[known]).sum() / np.square(fade[known]).sum())
    tail = level * fade * rng.standard_normal(samples)
    tail[:until] = rir[:until]
    return tail


def measured(rooms: Recordings, rng: Generator, count: int) -> Responses:
    """Responses of one measured room, for as many places."""
    room = rooms.draw(1, rng)[0]
    found = [from_direct_sound(rooms.any_of(room, rng)) for _ in range(count)]
    return Responses(found, fading_time(found[0]))


def fading_time(response: Signal) -> float:
    """T60 in s, from the fall of the backward-integrated energy by 5 to 25 dB.

    Source: Schroeder, JASA 1965.
    """
    energy = np.cumsum(np.square(response[::-1], dtype=np.float64))[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-12)
    start, stop = np.argmax(level < -5), np.argmax(level < -25)
    return float(3 * (stop - start) / SAMPLE_RATE)


def from_direct_sound(rir: Signal) -> Signal:
    """The response with direct sound of height 1 at sample `DIRECT`."""
    peak = int(np.abs(rir).argmax())
    before = max(DIRECT - peak, 0)
    kept = np.pad(rir, (before, 0))[peak + before - DIRECT :]
    return np.asarray(kept / rir[peak], dtype=np.float32)


def heard(sources: Signal, responses: Responses) -> tuple[Signal, Signal]:
    """Images and direct sounds of sources at the places of a room, (source, time).

    The delay of the direct sound is taken away, so that both stay in step.
    """
    time = sources.shape[-1]
    size = next_fast_len(time + max(map(len, responses.places)), real=True)
    spectra = rfft(sources, size)
    images, dry = np.empty_like(sources), np.empty_like(sources)
    for k, place in enumerate(responses.places[: len(sources)]):
        for out, part in ((images, place), (dry, place[: 2 * DIRECT + 1])):
            wet = irfft(spectra[k] * rfft(part, size), size)
            out[k] = wet[DIRECT : DIRECT + time]
    return images, dry
