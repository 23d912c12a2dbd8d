"""Sound keeps its samples on the way through, and is measured rightly."""

import io

import numpy as np
import pytest
import soundfile

from recordings import audio
from tests.recordings.factories import chirp, wav


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_a_wav_is_decoded_whole(subtype: str) -> None:
    samples = chirp(1, 22_050)
    sound = audio.decode(wav(samples, 22_050, subtype))
    assert sound.sample_rate == 22_050
    assert sound.container == "WAV"
    assert sound.subtype == subtype
    assert sound.seconds == 1
    assert sound.samples.shape == (22_050, 1)
    assert np.allclose(sound.samples[:, 0], samples, atol=2**-15)


def test_a_flac_is_decoded_whole() -> None:
    sound = audio.decode(wav(chirp(2, 48_000), 48_000, "PCM_24", container="FLAC"))
    assert (sound.container, sound.subtype) == ("FLAC", "PCM_24")
    assert np.allclose(sound.samples[:, 0], chirp(2, 48_000), atol=2**-23)


def test_a_wav_with_a_careless_note_at_its_end_is_taken() -> None:
    content = wav(chirp()) + b"LIST\xff\xff\0\0note"
    assert len(audio.decode(content).samples) == 48_000


def test_two_channels_become_their_mean() -> None:
    left, right = chirp(gain=0.2), chirp(gain=0.4)
    sound = audio.decode(wav(np.stack([left, right], axis=1)))
    assert sound.channels == 2
    assert np.allclose(sound.mono(), chirp(gain=0.3), atol=1e-4)


@pytest.mark.parametrize("bits", [16, 24])
def test_flac_keeps_every_bit(bits: int) -> None:
    rng = np.random.default_rng(0)
    whole = rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), 5000)
    samples = (whole / 2 ** (bits - 1)).astype(np.float32)
    flac = audio.encode_flac(samples, 44_100, bits=bits)
    back, rate = soundfile.read(io.BytesIO(flac), dtype="int32")
    assert rate == 44_100
    assert (back >> (32 - bits) == whole).all()


def test_flac_cuts_what_is_beyond_full_scale() -> None:
    loud = np.array([2.0, -2.0], dtype=np.float32)
    assert audio.decode(audio.encode_flac(loud, 8000)).samples[:, 0] == pytest.approx(
        [1 - 2**-15, -1]
    )


def test_flac_of_eight_bits_is_refused() -> None:
    with pytest.raises(ValueError, match="FLAC of 8 bits was asked for; use 16 or 24"):
        audio.encode_flac(np.zeros(4, dtype=np.float32), 8000, bits=8)


def test_a_full_sine_has_its_known_level() -> None:
    time = np.arange(16_000) / 16_000
    sine = (0.5 * np.sin(2 * np.pi * 100 * time) + 0.1).astype(np.float32)
    measures = audio.measure(sine)
    assert measures.level_db == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=1e-3)
    assert measures.peak_db == pytest.approx(20 * np.log10(0.6), abs=1e-2)
    assert measures.dc == pytest.approx(0.1, abs=1e-6)
    assert measures.clipped_share == 0


def test_the_clipped_share_is_counted() -> None:
    samples = np.array([1.0, -1.0, 0.999, 0.5] * 10, dtype=np.float32)
    assert audio.measure(samples).clipped_share == pytest.approx(0.75)


def test_a_channel_cannot_hide_the_clipping_of_the_other() -> None:
    clipped = np.clip(chirp(gain=1.005), -1, 1)
    both = wav(np.stack([0 * clipped, clipped], axis=1))
    with pytest.raises(audio.RecordingRejected, match="is clipped"):
        audio.inspect(both, min_seconds=1, max_seconds=20)
