"""Recordings from folders, and the scenes made of them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from estimator.material.examples import Examples
from estimator.material.mixer import Mixer, colored, response
from estimator.material.recordings import Recordings, read
from tests.estimator.synthetic import RATE, voice, write_audio


def speakers(folder: Path, count: int = 4, seconds: float = 2.0) -> Recordings:
    for number in range(count):
        for take in range(2):
            path = folder / f"speaker_{number}" / f"{take}.wav"
            write_audio(path, 0.1 * voice(10 * number + take, seconds))
    return Recordings.under(folder)


def test_one_folder_is_one_speaker(tmp_path: Path) -> None:
    found = speakers(tmp_path)
    assert [Path(name).name for name in found.groups] == [
        f"speaker_{number}" for number in range(4)
    ]


def test_held_out_speakers_are_never_trained_on(tmp_path: Path) -> None:
    first, second = speakers(tmp_path, count=10).divide(0.2)
    assert len(second.groups) == 2
    assert len(first.groups) == 8
    assert not first.groups.keys() & second.groups.keys()


def test_only_the_split_of_the_manifest_is_taken(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_audio(tmp_path / f"{name}.wav", voice(0))
    (tmp_path / "manifest.csv").write_text("path,split\na.wav,train\nb.wav,dev\n")
    for split, name in (("train", "a.wav"), ("dev", "b.wav")):
        found = Recordings.under(tmp_path, split)
        assert [path.name for path in found.groups[str(tmp_path)]] == [name]


def test_a_folder_without_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no .flac, .*one folder per speaker"):
        Recordings.under(tmp_path)


def test_speakers_without_speech_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_audio(tmp_path / name / "0.wav", torch.zeros(4 * RATE))
    mixer = Mixer(Recordings.under(tmp_path))
    with pytest.raises(ValueError, match="20 excerpts without speech; remove this"):
        mixer.scene(np.random.default_rng(0))


def test_files_are_read_at_8_khz(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", voice(0, seconds=2.0), 16_000)
    assert len(read(path)) == RATE


def test_a_mixture_is_the_sum_of_what_is_in_it(tmp_path: Path) -> None:
    speech = speakers(tmp_path / "speech")
    write_audio(tmp_path / "rir" / "hall" / "0.wav", torch.eye(1, 800)[0])
    noise = speakers(tmp_path / "noise", count=1)
    mixer = Mixer(speech, noise, Recordings.under(tmp_path / "rir"), seconds=1.5)
    for seed in range(12):
        mixture, sources, noises = mixer.scene(np.random.default_rng(seed))
        assert mixture.shape == (int(1.5 * RATE),)
        assert mixture.dtype == np.float32
        assert np.allclose(mixture, sources.sum(0) + noises, atol=1e-5)
        assert (np.square(sources).mean(-1) > 1e-2).all()


def test_an_example_depends_on_seed_and_index_alone(tmp_path: Path) -> None:
    examples = Examples(Mixer(speakers(tmp_path)), seed=5, count=100)
    first = examples[7]
    assert not torch.equal(first.si_snr_db, examples[8].si_snr_db)
    again = examples[7]
    assert torch.equal(first.si_snr_db, again.si_snr_db)
    assert torch.equal(first.features.maps, again.features.maps)


def test_a_room_fades_by_60_db_in_its_t60() -> None:
    room = response(0.4, ratio_db=0.0, rng=np.random.default_rng(0))
    early, late = np.square(room[80:240]).mean(), np.square(room[-160:]).mean()
    assert 10 * np.log10(early / late) == pytest.approx(57, abs=3)
    assert np.square(room[1:]).sum() == pytest.approx(1.0, rel=1e-3)


def test_noise_has_the_slope_asked_for() -> None:
    noise = colored(65_536, slope=-0.5, rng=np.random.default_rng(0))
    power = np.square(np.abs(np.fft.rfft(noise)))
    octaves = [power[2**k : 2 ** (k + 1)].mean() for k in (11, 12, 13, 14)]
    drops = 10 * np.log10(np.array(octaves[:-1]) / octaves[1:])
    assert drops == pytest.approx([3.0, 3.0, 3.0], abs=0.5)
