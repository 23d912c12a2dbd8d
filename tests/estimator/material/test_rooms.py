"""Rooms fade as fast as they say, and the direct sound stays in step."""

import numpy as np
import pytest

from estimator.material import rooms
from estimator.material.rooms import DIRECT, Responses
from tests.estimator.synthetic import RATE, voices


@pytest.mark.parametrize("number", range(6))
def test_a_simulated_room_fades_by_60_db_in_its_t60(number: int) -> None:
    room = rooms.simulated(number)
    assert len(room.places) == rooms.PLACES
    found = [rooms.fading_time(place) for place in room.places]
    assert np.mean(found) == pytest.approx(room.t60, rel=0.35)


def test_rooms_cover_the_range_of_t60() -> None:
    times = [rooms.simulated(number).t60 for number in range(40)]
    assert min(times) < 0.25
    assert max(times) > 0.65
    assert min(times) >= rooms.SHORTEST_S


def test_the_same_number_is_the_same_room() -> None:
    first = rooms.simulated(3).places
    rooms.simulated.cache_clear()
    for place, again in zip(first, rooms.simulated(3).places, strict=True):
        assert np.array_equal(place, again)


def test_fading_time_of_exponential_noise_is_its_t60() -> None:
    time = np.arange(int(0.8 * RATE)) / RATE
    noise = np.random.default_rng(0).standard_normal(len(time))
    faded = (noise * 10 ** (-3 * time / 0.5)).astype(np.float32)
    assert rooms.fading_time(faded) == pytest.approx(0.5, rel=0.05)


def test_direct_sound_is_unit_and_at_one_place() -> None:
    late = np.zeros(200, dtype=np.float32)
    late[50], late[90] = -0.2, 0.1
    early = late[45:]  # less before the peak than is kept
    for rir in (late, early):
        found = rooms.from_direct_sound(rir)
        assert found[DIRECT] == 1.0
        assert found[DIRECT + 40] == pytest.approx(-0.5)


def test_the_dry_source_lacks_the_echo_but_not_the_delay() -> None:
    sources = voices(1, 1)[0].numpy()
    echo = np.zeros(1000, dtype=np.float32)
    echo[DIRECT], echo[DIRECT + 400] = 1.0, 0.5
    image, dry = rooms.heard(sources, Responses([echo], 0.2))
    late = np.pad(sources, ((0, 0), (400, 0)))[:, : sources.shape[-1]]
    assert np.allclose(dry, sources, atol=1e-5)
    assert np.allclose(image, sources + 0.5 * late, atol=1e-5)
