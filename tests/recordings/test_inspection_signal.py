"""Clipping, drop-outs, band edge, noise, fingerprints: signals of known faults."""

import io

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from recordings.inspection import (
    activity,
    balance,
    fingerprint,
    mel,
    signal_quality,
)
from recordings.inspection.limits import LIMITS
from recordings.inspection.mel import Samples

RATE = 16_000


def noise(seconds: float = 2.0, *, rms: float = 0.1, seed: int = 0) -> Samples:
    drawn = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (rms * drawn).astype(np.float32)


def song(seconds: float = 6.0, seed: int = 0) -> Samples:
    """Tones that start and stop: something with peaks to remember."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(0.25 * RATE)) / RATE
    tones = [
        np.sin(2 * np.pi * rng.uniform(200, 3_000) * time) * np.exp(-6 * time)
        + np.sin(2 * np.pi * rng.uniform(200, 3_000) * time) * np.exp(-9 * time)
        for _ in range(round(seconds / 0.25))
    ]
    return (0.2 * np.concatenate(tones)).astype(np.float32)


def test_clipped_samples_are_counted_to_the_sample() -> None:
    samples = 0.5 * np.sin(np.arange(10_000) * 0.1).astype(np.float32)
    assert signal_quality.clipped_share(samples) == 0
    samples[100:200] = 1.0
    assert signal_quality.clipped_share(samples) == pytest.approx(0.01)


def test_clipping_shows_after_the_level_was_turned_down() -> None:
    loud = np.clip(noise(rms=0.6), -1, 1)
    whole = signal_quality.clipped_share(loud)
    assert whole == pytest.approx(0.0956, abs=0.01)  # P(|x| > 1 / 0.6) of a normal x
    turned_down = signal_quality.clipped_share(0.5 * loud)
    assert 0 < turned_down <= whole  # runs of three and more remain visible


def test_drop_outs_are_measured_in_milliseconds_and_silent_ends_are_none() -> None:
    samples = noise()
    samples[8_000:8_480] = 0  # 30 ms
    samples[12_000:12_160] = 0  # 10 ms
    samples[:1_600] = samples[-1_600:] = 0
    assert signal_quality.drop_out_ms(samples, RATE) == pytest.approx(40.0)


def test_single_zeros_are_no_drop_out() -> None:
    samples = noise()
    samples[::50] = 0
    assert signal_quality.drop_out_ms(samples, RATE) == 0


@pytest.mark.parametrize("edge", [3_400, 4_000, 7_000])
def test_the_band_edge_of_filtered_noise_is_found(edge: float) -> None:
    spectrum = np.fft.rfft(noise(4))
    spectrum[np.fft.rfftfreq(4 * RATE, 1 / RATE) > edge] = 0
    narrow = np.fft.irfft(spectrum).astype(np.float32)
    found = signal_quality.band_edge_hz(narrow, RATE)
    assert found == pytest.approx(edge, abs=120)


def test_a_headset_of_8_khz_shows_its_edge_in_a_file_of_48_khz() -> None:
    voice = lfilter([1], [1, -0.95], noise(4))  # falls towards high tones, as speech
    heard = resample_poly(voice, 1, 2)
    found = signal_quality.band_edge_hz(
        np.asarray(resample_poly(heard, 6, 1), np.float32), 48_000
    )
    assert 3_700 < found <= 4_600


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
@pytest.mark.parametrize("with_silence_take", [True, False])
def test_snr_is_speech_over_noise(snr_db: float, with_silence_take: bool) -> None:
    hiss = noise(8, rms=10 ** (-snr_db / 20) * 0.1, seed=1)
    speech = np.zeros(len(hiss) // activity.STEP, dtype=np.float32)
    speech[60:180] = 1.0
    samples = hiss.copy()
    spoken = slice(60 * activity.STEP, 180 * activity.STEP)
    samples[spoken] += noise(8, rms=0.1, seed=2)[spoken]
    silence = noise(2, rms=10 ** (-snr_db / 20) * 0.1, seed=3)
    found = signal_quality.snr_db(
        samples, speech, silence if with_silence_take else None
    )
    assert found == pytest.approx(snr_db, abs=0.5)


def test_snr_without_any_pause_is_unknown() -> None:
    speech = np.ones(60, dtype=np.float32)
    assert signal_quality.snr_db(noise(), speech) is None


def test_no_one_speaks_in_noise_and_silence() -> None:
    assert activity.probabilities(noise(3)).max() < 0.5
    assert activity.probabilities(np.zeros(RATE, np.float32)).max() == 0


def test_log_mel_frames_do_not_depend_on_the_gain() -> None:
    samples = song()
    quiet = mel.log_mel(0.01 * samples)
    assert np.abs(mel.log_mel(samples) - quiet).max() < 1e-3
    assert quiet.shape == (1 + (len(samples) - 512) // 320, 40)


def balance_of(difference_db: float) -> balance.Balance | None:
    """Noise of one voice for 2 s, of both for 2 s; the shares are as they are."""
    first, second = noise(4, seed=1), noise(4, seed=2)
    second = second * np.float32(10 ** (difference_db / 20))
    second[: 2 * RATE] = 0
    shares = np.zeros((200, 4), dtype=np.float32)
    shares[:100, 1] = shares[100:, 2] = 1
    return balance.estimate(first + second, shares)


@pytest.mark.parametrize("difference_db", [-9.0, 0.0, 6.0, 12.0])
def test_balance_of_a_mixture_is_what_the_second_voice_adds(
    difference_db: float,
) -> None:
    found = balance_of(difference_db)
    assert found is not None and found.std_db is not None
    doubt = max(0.7, 3 * found.std_db)
    assert found.difference_db == pytest.approx(abs(difference_db), abs=doubt)


def encoded(samples: NDArray[np.float32], container: str, subtype: str) -> Samples:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format=container, subtype=subtype)
    decoded, _ = soundfile.read(io.BytesIO(out.getvalue()), dtype="float32")
    return np.asarray(decoded, dtype=np.float32)


def stored(*sounds: Samples) -> list[tuple[int, int, int]]:
    return [
        (subject, mark, frame)
        for subject, sound in enumerate(sounds)
        for mark, frame in fingerprint.landmarks(sound)
    ]


@pytest.mark.parametrize("codec", [("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")])
def test_a_re_encoded_louder_later_copy_is_found(codec: tuple[str, str]) -> None:
    known = [song(seed=seed) for seed in range(5)]
    copy = encoded(2.5 * known[3][5_000:], *codec)
    best, *rest = fingerprint.matches(fingerprint.landmarks(copy), stored(*known))
    limit = LIMITS["duplicate"].review_over
    assert limit is not None and best.subject == 3 and best.share > limit
    assert all(other.share < limit for other in rest)


def test_other_sounds_share_almost_no_landmarks() -> None:
    known = stored(*(song(seed=seed) for seed in range(5)))
    found = fingerprint.matches(fingerprint.landmarks(song(seed=9)), known)
    limit = LIMITS["duplicate"].review_over
    assert limit is not None and all(match.share < limit for match in found)


def test_a_fingerprint_is_small_and_its_hashes_fit_the_column() -> None:
    marks = fingerprint.landmarks(song(15))
    assert 100 < len(marks) < 1_000
    assert all(0 <= mark < 2**24 for mark, _ in marks)
    assert fingerprint.landmarks(np.zeros(100, np.float32)) == []
