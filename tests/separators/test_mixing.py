"""Mixtures drawn for training: known truth, levels within the plan, reproducible."""

from pathlib import Path

import numpy as np
import pytest
import torch

from separators.training.mixing import Mixer, MixingPlan
from separators.training.speech import (
    Signal,
    SpeechPool,
    hold_out,
    load_clips,
    load_speech,
    read_clip,
)
from tests.separators.recordings import write_speakers, write_tone

CLEAN = MixingPlan(seconds=0.5, noise_chance=0, room_chance=0)


def pool_of(speakers: int, samples: int = 8000) -> SpeechPool:
    time = np.arange(samples) / 8000
    clips = tuple(
        ((20000 * np.sin(2 * np.pi * 300 * (n + 1) * time)).astype(np.int16),)
        for n in range(speakers)
    )
    return SpeechPool(8000, tuple(f"speaker{n}" for n in range(speakers)), clips)


def level_db(signal: Signal) -> float:
    return float(10 * np.log10(np.mean(np.square(signal))))


def test_a_clean_mixture_is_the_sum_of_its_references() -> None:
    mixtures, references = Mixer(pool_of(4), plan=CLEAN, seed=0).batch(5)
    assert mixtures.shape == (5, 4000)
    assert references.shape == (5, 2, 4000)
    torch.testing.assert_close(mixtures, references.sum(dim=1))


def test_the_two_references_are_two_speakers() -> None:
    mixer = Mixer(pool_of(2), plan=CLEAN, seed=0)
    for _ in range(10):
        _, (one, other) = mixer.draw()
        assert abs(float(np.dot(one, other))) < 0.01 * float(np.dot(one, one))


@pytest.mark.parametrize("sources", [3, 4])
def test_more_speakers_can_talk_at_once(sources: int) -> None:
    plan = MixingPlan(seconds=0.5, noise_chance=0, room_chance=0, sources=sources)
    mixture, references = Mixer(pool_of(5), plan=plan, seed=0).draw()
    assert references.shape == (sources, 4000)
    np.testing.assert_allclose(mixture, references.sum(axis=0), atol=1e-5)
    across = references @ references.T
    apart = across[~np.eye(sources, dtype=bool)]
    assert np.abs(apart).max() < 0.02 * across.diagonal().min()
    levels = [level_db(reference) for reference in references]
    assert 0 < max(levels) - min(levels) <= 5.01


def test_more_speakers_than_there_are_are_refused() -> None:
    plan = MixingPlan(sources=3)
    with pytest.raises(ValueError, match="2 speakers cannot make a mixture of 3"):
        Mixer(pool_of(2), plan=plan, seed=0)


def test_levels_differ_by_no_more_than_the_plan_says() -> None:
    mixer = Mixer(pool_of(4), plan=CLEAN, seed=0)
    gaps = [level_db(one) - level_db(other) for _, (one, other) in _drawn(mixer, 60)]
    assert max(map(abs, gaps)) <= 5.01
    assert max(gaps) > 3
    assert min(gaps) < -3


def test_noise_is_in_the_mixture_and_not_in_the_references() -> None:
    plan = MixingPlan(0.5, noise_chance=1, noise_below_db=(10, 10), room_chance=0)
    noise = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    mixture, references = Mixer(pool_of(4), plan=plan, seed=0, noises=[noise]).draw()
    rest = mixture - references.sum(axis=0)
    below = level_db(references.sum(axis=0)) - level_db(rest)
    assert below == pytest.approx(10, abs=0.1)


def test_a_room_is_in_the_references_as_a_listener_hears_it() -> None:
    plan = MixingPlan(0.5, noise_chance=0, room_chance=1)
    echo = np.zeros(801, dtype=np.float32)
    echo[800] = 1.0
    mixture, references = Mixer(pool_of(4), plan=plan, seed=0, rooms=[echo]).draw()
    np.testing.assert_allclose(mixture, references.sum(axis=0), atol=1e-5)
    assert np.abs(references[:, :799]).max() < 1e-4


def test_the_same_seed_draws_the_same_mixtures() -> None:
    drawn = [Mixer(pool_of(5), plan=CLEAN, seed=s).batch(3)[0] for s in (7, 7, 8)]
    torch.testing.assert_close(drawn[0], drawn[1], rtol=0, atol=0)
    assert not torch.equal(drawn[0], drawn[2])


def test_a_clip_shorter_than_the_mixture_is_padded() -> None:
    mixture, _ = Mixer(pool_of(3, samples=1000), plan=CLEAN, seed=0).draw()
    assert mixture.shape == (4000,)
    assert np.isfinite(mixture).all()


def test_a_folder_of_recordings_is_read_by_speaker_and_resampled(
    tmp_path: Path,
) -> None:
    pool = load_speech(write_speakers(tmp_path, speakers=3), 8000)
    assert pool.speakers == ("speaker0", "speaker1", "speaker2")
    assert [len(own) for own in pool.clips] == [2, 2, 2]
    assert pool.seconds == pytest.approx(6.0)


def test_held_out_speakers_are_not_trained_on() -> None:
    seen, unseen = hold_out(pool_of(20), share=0.1)
    assert len(unseen.speakers) == 2
    assert len(seen.speakers) == 18
    assert not set(seen.speakers) & set(unseen.speakers)


def test_a_folder_of_one_speaker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="recordings of 1 speaker; mixing needs at"):
        load_speech(write_speakers(tmp_path, speakers=1), 8000)


def test_too_few_speakers_to_hold_some_out_are_refused() -> None:
    with pytest.raises(ValueError, match="holds 3 speakers; holding some out needs"):
        hold_out(pool_of(3), share=0.1)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no recordings; expected files ending"):
        load_clips(tmp_path, 8000)


def test_clips_that_a_manifest_keeps_for_development_are_left_out(
    tmp_path: Path,
) -> None:
    write_tone(tmp_path / "rain.wav", hz=100, seconds=0.1)
    write_tone(tmp_path / "dog.wav", hz=200, seconds=0.2)
    rows = "split,path\ntrain,rain.wav\ndev,dog.wav\n"
    (tmp_path / "manifest.csv").write_text(rows)
    assert [len(clip) for clip in load_clips(tmp_path, 8000)] == [800]


def test_only_the_first_channel_is_read(tmp_path: Path) -> None:
    import soundfile

    stereo = np.stack([np.full(800, 0.25), np.zeros(800)], axis=1)
    soundfile.write(tmp_path / "two.wav", stereo, 8000)
    np.testing.assert_allclose(read_clip(tmp_path / "two.wav", 8000), 0.25, atol=1e-3)


def _drawn(mixer: Mixer, count: int) -> list[tuple[Signal, Signal]]:
    return [mixer.draw() for _ in range(count)]
