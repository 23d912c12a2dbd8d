"""Copies for listening have one loudness, one length and one size."""

import io

import numpy as np
import pyloudnorm
import pytest
import soundfile

from ratings import renditions
from ratings.models import Play, Rendition
from tests.ratings.factories import flac, leased, rater, study

RATE = renditions.SAMPLE_RATE


def rendered(content: bytes, seconds: float = 2.0) -> np.ndarray:
    wav = renditions.render(content, length=int(seconds * RATE))
    samples, rate = soundfile.read(io.BytesIO(wav))
    assert rate == RATE
    return np.asarray(samples)


@pytest.mark.parametrize("level", [0.001, 0.01, 0.3])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_any_level_and_rate_becomes_minus_30_lufs(level: float, rate: int) -> None:
    samples = rendered(flac(level=level, rate=rate))
    measured = pyloudnorm.Meter(RATE).integrated_loudness(samples)
    assert measured == pytest.approx(-30, abs=0.5)
    assert len(samples) == 2 * RATE


@pytest.mark.parametrize("seconds", [1.5, 2.0, 2.5])
def test_shorter_sounds_are_filled_and_longer_ones_cut(seconds: float) -> None:
    content = flac(seconds)
    assert len(renditions.render(content, length=2 * RATE)) == 44 + 2 * 2 * RATE


def test_a_click_stays_below_the_peak_limit() -> None:
    samples = np.random.default_rng(1).normal(0, 1e-4, 2 * RATE)
    samples[RATE] = 0.9  # so loud a peak for so little loudness needs a lower gain
    leveled = renditions.leveled(samples)
    assert renditions.true_peak(leveled) == pytest.approx(10 ** (-1 / 20), rel=0.01)


def test_the_true_peak_lies_between_the_samples() -> None:
    time = np.arange(RATE)
    wave = np.sin(np.pi / 2 * time + np.pi / 4)  # samples at .707, the wave at 1
    assert np.abs(wave).max() == pytest.approx(0.7071, abs=1e-3)
    assert renditions.true_peak(wave[:4000]) == pytest.approx(1.0, abs=0.1)


def test_silence_stays_silent() -> None:
    assert not renditions.leveled(np.zeros(2 * RATE)).any()
    assert renditions.leveled(np.zeros(0)).size == 0


def test_a_sound_shorter_than_the_block_is_leveled_too() -> None:
    wave = 0.5 * np.sin(2 * np.pi * 1000 / RATE * np.arange(RATE // 5))
    leveled = renditions.leveled(wave)
    repeated = np.resize(leveled, RATE)
    measured = pyloudnorm.Meter(RATE).integrated_loudness(repeated)
    assert measured == pytest.approx(-30, abs=0.5)


@pytest.mark.django_db
def test_a_rendition_is_made_once_and_named_by_its_content() -> None:
    plays = list(leased(rater(study())).plays.all())
    first = [renditions.wav(play) for play in plays]
    again = [renditions.wav(Play.objects.get(pk=play.pk)) for play in plays]
    assert first == again
    assert Rendition.objects.count() == 3
    assert len({len(content) for content in first}) == 1
    assert all(str(r.audio).startswith("renditions/") for r in Rendition.objects.all())
