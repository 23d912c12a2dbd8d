"""Recordings from folders, decoded once."""

from pathlib import Path

import numpy as np
import pytest

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


def test_files_are_read_at_8_khz(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", voice(0, seconds=2.0), 16_000)
    assert len(read(path)) == RATE


def test_an_excerpt_is_a_part_of_the_recording(tmp_path: Path) -> None:
    signal = voice(0, seconds=2.0)
    write_audio(tmp_path / "one" / "0.wav", signal)
    found = Recordings.under(tmp_path)
    rng = np.random.default_rng(0)
    group = str(tmp_path / "one")
    whole, part = found.any_of(group, rng), found.excerpt(group, 3_000, rng)
    assert len(part) == 3_000
    assert np.correlate(whole, part).max() == pytest.approx(np.square(part).sum())
    assert len(found.excerpt(group, 99_999, rng)) == len(whole)


def corpora(folder: Path) -> Recordings:
    for corpus, count in (("read", 3), ("spoken", 2)):
        speakers(folder / corpus, count)
    return Recordings.under(folder)


def test_the_folder_around_speakers_is_their_corpus(tmp_path: Path) -> None:
    found = corpora(tmp_path).corpora()
    assert {name: len(one.groups) for name, one in found.items()} == {
        "read": 3,
        "spoken": 2,
    }


def test_a_corpus_can_be_left_out(tmp_path: Path) -> None:
    rest = corpora(tmp_path).without("read")
    assert {Path(name).parent.name for name in rest.groups} == {"spoken"}
    with pytest.raises(ValueError, match="corpora spoken; leaving out .read. needs"):
        rest.without("read")
