"""Channels do what they say: band, microphone, overload, codec."""

import numpy as np
import pytest

from estimator.material import channel
from tests.estimator.synthetic import RATE, voice


def tone(hertz: float) -> np.ndarray:
    time = np.arange(2 * RATE) / RATE
    return np.sin(2 * np.pi * hertz * time).astype(np.float32)


def level_db(signal: np.ndarray) -> float:
    middle = signal[RATE // 2 : -RATE // 2]
    return float(10 * np.log10(2 * np.square(middle).mean()))


def telephone() -> np.ndarray:
    for seed in range(100):
        rng = np.random.default_rng(seed)
        gain = channel.band(rng)
        hertz = np.linspace(0, RATE / 2, channel.POINTS)
        if gain[np.abs(hertz - 300).argmin()] == pytest.approx(0.5, abs=0.1):
            return gain
    raise AssertionError("no telephone in 100 draws")


def test_a_telephone_passes_300_to_3400_hz() -> None:
    gain = telephone()
    for hertz, expected in ((100, -42), (1000, 0), (3000, 0), (3900, -60)):
        found = level_db(channel.filtered(tone(hertz), gain))
        assert found == pytest.approx(expected, abs=8), hertz


def test_a_flat_channel_changes_nothing() -> None:
    flat = np.ones(channel.POINTS, dtype=np.float32)
    assert np.allclose(channel.filtered(tone(440), flat), tone(440), atol=1e-4)


def test_filters_add_no_delay() -> None:
    rng = np.random.default_rng(0)
    signal = voice(0).numpy()
    for _ in range(5):
        through = channel.filtered(signal, channel.microphone(rng))
        assert channel.lag(through, signal) == 0


def test_filters_are_linear() -> None:
    gain = channel.microphone(np.random.default_rng(1))
    one, other = voice(0).numpy(), voice(1).numpy()
    both = channel.filtered(one + other, gain)
    apart = channel.filtered(np.stack([one, other]), gain).sum(0)
    assert np.allclose(both, apart, atol=1e-4)


def test_microphones_stay_within_10_db() -> None:
    rng = np.random.default_rng(0)
    gains = np.stack([channel.microphone(rng) for _ in range(50)])
    assert np.abs(20 * np.log10(gains)).max() <= 10.1
    assert 20 * np.log10(gains).std() > 1


def test_overload_touches_only_the_loudest_samples() -> None:
    signal = voice(0).numpy()
    hard = 0
    for seed in range(10):
        clipped = channel.overloaded(signal, np.random.default_rng(seed))
        assert np.abs(clipped).max() < np.abs(signal).max()
        at_limit = (np.abs(clipped) == np.abs(clipped).max()).mean()
        hard += 0.0005 < at_limit < 0.13
    assert 2 <= hard <= 8


@pytest.mark.parametrize("shift", [-37, 0, 12])
def test_lag_is_found_to_the_sample(shift: int) -> None:
    signal = np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert channel.lag(np.roll(signal, shift), signal) == shift


def test_opus_comes_back_in_step_and_as_loud() -> None:
    signal = voice(0).numpy()
    coded = channel.coded(signal, np.random.default_rng(0))
    assert coded.shape == signal.shape
    assert channel.lag(coded, signal) == 0
    assert coded.std() == pytest.approx(signal.std(), rel=0.2)
    error = np.square(coded - signal).mean() / np.square(signal).mean()
    assert -40 < 10 * np.log10(error) < -3
