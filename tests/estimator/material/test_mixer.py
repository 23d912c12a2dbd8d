"""Scenes hold what they say: sums, spans, levels, rooms, channels."""

from pathlib import Path

import numpy as np
import pytest
import torch

from estimator.material import mixer as mixing
from estimator.material.mixer import Mixer, overlapping_spans
from estimator.material.noises import babble_of, colored
from estimator.material.recordings import Recordings
from tests.estimator.material.test_recordings import speakers
from tests.estimator.synthetic import RATE, voices, write_audio


def mixer(folder: Path, *, counts: tuple[int, ...] = (2,)) -> Mixer:
    speech = speakers(folder / "speech")
    write_audio(folder / "rir" / "hall" / "0.wav", torch.eye(1, 800)[0])
    noise = speakers(folder / "noise", count=1)
    rooms = Recordings.under(folder / "rir")
    return Mixer(speech, noise, rooms, seconds=1.5, speakers=counts)


def test_speakers_without_speech_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_audio(tmp_path / name / "0.wav", torch.zeros(4 * RATE))
    silent = Mixer(Recordings.under(tmp_path))
    with pytest.raises(ValueError, match="20 excerpts without speech; remove this"):
        silent.scene(np.random.default_rng(0))


def test_too_few_speakers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds 2 speakers and a mixture needs 3 dif"):
        Mixer(speakers(tmp_path, count=2), speakers=(2, 3))


def test_a_mixture_is_the_sum_of_what_is_in_it(tmp_path: Path) -> None:
    drawn = mixer(tmp_path)
    for seed in range(40):
        found = drawn.scene(np.random.default_rng(seed))
        assert found.mixture.shape == (int(1.5 * RATE),)
        assert found.dry.shape == found.sources.shape == (2, int(1.5 * RATE))
        for signal in found[:4]:
            assert np.asarray(signal).dtype == np.float32
        whole = found.sources.sum(0) + found.noise
        assert np.allclose(found.mixture, whole, atol=1e-5)
        assert (np.square(found.sources).mean(-1) > 1e-3).all()


def test_scenes_have_as_many_sources_as_asked_for(tmp_path: Path) -> None:
    drawn = mixer(tmp_path, counts=(2, 3))
    counts = [
        len(drawn.scene(np.random.default_rng(seed)).sources) for seed in range(20)
    ]
    assert set(counts) == {2, 3}


def test_the_reference_is_stated(tmp_path: Path) -> None:
    drawn = mixer(tmp_path)
    scenes = [drawn.scene(np.random.default_rng(seed)) for seed in range(30)]
    found = next(scene for scene in scenes if scene.t60 > 0.3)
    assert np.array_equal(found.references("image"), found.sources)
    assert np.array_equal(found.references("dry"), found.dry)
    assert not np.allclose(found.sources, found.dry, atol=1e-2)
    with pytest.raises(ValueError, match="reference is 'wet'; expected 'image', the"):
        found.references("wet")


def test_without_a_room_the_image_is_the_dry_source(tmp_path: Path) -> None:
    drawn = mixer(tmp_path)
    scenes = [drawn.scene(np.random.default_rng(seed)) for seed in range(20)]
    bare = [scene for scene in scenes if scene.t60 == 0]
    assert bare
    for scene in bare:
        assert np.allclose(scene.sources, scene.dry, atol=1e-5)


def test_spans_overlap_from_a_fifth_to_the_whole() -> None:
    shares = []
    rng = np.random.default_rng(0)
    for _ in range(500):
        active = np.zeros((2, 1_000))
        for source, span in zip(active, overlapping_spans(1_000, 2, rng), strict=True):
            source[span] = 1
        assert active.any(0).all()
        shares.append(active.all(0).mean())
    assert min(shares) >= 0.199
    assert min(shares) < 0.25
    assert np.mean(np.array(shares) == 1.0) == pytest.approx(0.45, abs=0.08)


def test_levels_differ_by_at_most_5_db() -> None:
    sources = 3 * voices(1, 3)[0].numpy()
    spans = [slice(0, 24_000)] * 3
    for seed in range(20):
        gains = mixing._gains(sources, spans, np.random.default_rng(seed))
        powers = 10 * np.log10(np.square(gains * sources).mean(-1))
        assert powers[0] == pytest.approx(0, abs=1e-3)
        assert np.abs(powers).max() <= 5.001


def test_noise_has_the_slope_asked_for() -> None:
    noise = colored(65_536, slope=-0.5, rng=np.random.default_rng(0))
    power = np.square(np.abs(np.fft.rfft(noise)))
    octaves = [power[2**k : 2 ** (k + 1)].mean() for k in (11, 12, 13, 14)]
    drops = 10 * np.log10(np.array(octaves[:-1]) / octaves[1:])
    assert drops == pytest.approx([3.0, 3.0, 3.0], abs=0.5)


def test_in_babble_every_voice_is_about_as_loud() -> None:
    one, other = voices(1, 2)[0].numpy()
    babble = babble_of([one, 100 * other])
    shares = [np.corrcoef(babble, voice)[0, 1] for voice in (one, other)]
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
