"""The demo's mixtures: what the manifest says is what the audio holds."""

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

DEMO = Path(__file__).parents[2] / "platform" / "config" / "demo"
RATE = 16_000

Row = dict[str, str]
Samples = NDArray[np.int64]


def read_manifest(folder: Path) -> list[Row]:
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def read(folder: Path, row: Row) -> tuple[Samples, Samples, Samples]:
    """Mixture, reference 1 and reference 2, as 16-bit numbers."""

    def samples(field: str) -> Samples:
        signal, rate = soundfile.read(folder / row[field], dtype="int16")
        assert (rate, signal.ndim) == (RATE, 1)
        return np.asarray(signal, dtype=np.int64)

    return samples("mixture"), samples("reference_1"), samples("reference_2")


def db(signal: Samples, other: Samples) -> float:
    """Energy of one signal over that of another."""
    return float(10 * np.log10(np.sum(signal**2) / np.sum(other**2)))


def spoken(signal: Samples) -> tuple[int, int]:
    """First and last sample within 30 dB of the loudest 10 ms."""
    step = RATE // 100
    frames = signal[: len(signal) // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(frames**2, axis=1))
    loud = np.flatnonzero(level > level.max() * 10 ** (-30 / 20))
    return int(loud[0]) * step, int(loud[-1] + 1) * step


def make(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(DEMO / "make_mixtures.py"), *arguments]
    environment = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def fake_espeak(folder: Path) -> str:
    """A PATH on which espeak-ng knows the American voice, and no variant but f1."""
    program = folder / "espeak-ng"
    program.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        '--version) echo "eSpeak NG text-to-speech: 9.9  Data at: /nowhere";;\n'
        '--voices=en) echo Pty; echo " 2  en-us --/M English gmw/en-US";;\n'
        '--voices=variant) echo Pty; echo " 5  variant --/F f1 !v/f1";;\n'
        "esac\n"
    )
    program.chmod(0o755)
    return str(folder)


def adds_up(folder: Path, row: Row) -> None:
    """Mixture less references is the noise that the manifest states, or nothing."""
    mixture, first, second = read(folder, row)
    noise = mixture - first - second
    if row["noise_snr_db"]:
        snr_db = db(np.concatenate([first, second]), noise)
        assert snr_db == pytest.approx(float(row["noise_snr_db"]), abs=0.1)
    else:
        assert not noise.any()
    difference_db = float(row["level_difference_db"])
    assert db(first, second) == pytest.approx(difference_db, abs=0.05)
    assert 3 <= len(mixture) / RATE <= 6
    assert float(row["seconds"]) == pytest.approx(len(mixture) / RATE, abs=0.001)


ROWS = read_manifest(DEMO)
each_mixture = pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])


def test_the_manifest_lists_every_file_once() -> None:
    fields = ("mixture", "reference_1", "reference_2")
    listed = sorted(row[field] for row in ROWS for field in fields)
    present = sorted(str(path.relative_to(DEMO)) for path in DEMO.rglob("*.flac"))
    assert len(ROWS) == 24
    assert listed == present


def test_every_sentence_is_ours_free_and_spoken_once() -> None:
    with (DEMO / "sentences.csv").open(newline="") as file:
        sentences = list(csv.DictReader(file))
    prompts = [row[field] for row in ROWS for field in ("prompt_1", "prompt_2")]
    assert sorted(prompts) == sorted(sentence["text"] for sentence in sentences)
    assert len(set(prompts)) == 48
    assert {sentence["license"] for sentence in sentences} == {"CC0-1.0"}


def test_the_set_is_balanced_over_genders_accents_and_rooms() -> None:
    pairs = ["".join(sorted((r["gender_1"][0], r["gender_2"][0]))) for r in ROWS]
    assert (pairs.count("fm"), pairs.count("ff"), pairs.count("mm")) == (12, 6, 6)
    accents = [row[field] for row in ROWS for field in ("accent_1", "accent_2")]
    assert {accents.count(accent) for accent in accents} == {6}
    rooms = [row["room"] for row in ROWS]
    assert {rooms.count(room) for room in ("none", "small", "medium")} == {8}
    assert all(row["voice_1"] != row["voice_2"] for row in ROWS)


def test_the_audio_stays_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*.flac")) < 8e6


@each_mixture
def test_the_mixture_is_the_file_the_manifest_names(row: Row) -> None:
    data = (DEMO / row["mixture"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row["sha256"]


@each_mixture
def test_references_and_stated_noise_add_up_to_the_mixture(row: Row) -> None:
    adds_up(DEMO, row)


@each_mixture
def test_the_speakers_overlap_as_stated(row: Row) -> None:
    (begin, end), (other_begin, other_end) = (spoken(s) for s in read(DEMO, row)[1:])
    shared = min(end, other_end) - max(begin, other_begin)
    overlap = shared / min(end - begin, other_end - other_begin)
    assert 0.4 <= float(row["overlap"]) <= 1
    assert overlap == pytest.approx(float(row["overlap"]), abs=0.07)


@each_mixture
def test_levels_are_even_and_nothing_clips_or_clicks(row: Row) -> None:
    mixture, *_ = read(DEMO, row)
    level_db = 20 * np.log10(np.sqrt(np.mean(mixture**2)) / 32767)
    assert np.abs(mixture).max() <= 0.9 * 32767
    assert level_db == pytest.approx(-25, abs=0.5)
    assert np.abs(mixture[[0, -1]]).max() <= 1


def test_the_script_makes_the_same_mixtures_again(tmp_path: Path) -> None:
    if shutil.which("espeak-ng") is None and os.environ.get("CI") != "true":
        pytest.skip("espeak-ng is not installed: apt-get install espeak-ng")
    for folder in (tmp_path / "one", tmp_path / "two"):
        made = make("--only", "2", "--out", str(folder))
        assert made.returncode == 0, made.stderr
    one, two = tmp_path / "one", tmp_path / "two"
    rows = read_manifest(one)
    assert [row["id"] for row in rows] == ["demo-01", "demo-02"]
    for path in one.rglob("*.flac"):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()
    for row in rows:
        adds_up(one, row)
    if spoken_by(one) == spoken_by(DEMO):  # another version speaks differently
        for row in rows:
            for again, shipped in zip(read(one, row), read(DEMO, row), strict=True):
                assert np.abs(again - shipped).max() <= 2  # other CPUs round otherwise


def spoken_by(folder: Path) -> str:
    return (folder / "made_with.txt").read_text().splitlines()[0]


def test_without_espeak_the_script_says_what_to_install(tmp_path: Path) -> None:
    made = make("--out", str(tmp_path), path="/nowhere")
    assert made.returncode == 1
    assert "espeak-ng was not found" in made.stderr
    assert "apt-get install espeak-ng" in made.stderr
    assert not list(tmp_path.iterdir())


def test_a_missing_voice_is_named_and_never_replaced(tmp_path: Path) -> None:
    path = f"{fake_espeak(tmp_path)}:/usr/bin:/bin"
    made = make("--only", "1", "--out", str(tmp_path / "out"), path=path)
    assert made.returncode == 1
    assert "espeak-ng lacks en-gb+m2; 1 English voices and 1 variants" in made.stderr
    assert "espeak-ng-data" in made.stderr
    assert not (tmp_path / "out").exists()


def test_only_takes_a_number_of_mixtures_that_there_are(tmp_path: Path) -> None:
    made = make("--only", "0", "--out", str(tmp_path))
    assert made.returncode == 2
    assert "--only is 0; give a number from 1 to 24" in made.stderr
