"""Voices and sentences: the demo's synthesized speakers, and real ones of meetings."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recordings.inspection import enrolment, mel, voices, wording
from recordings.inspection.evidence import Verdict
from recordings.inspection.examine import Take, examine
from recordings.inspection.mel import SAMPLE_RATE, Samples
from tests.conftest import SPEECH

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "platform" / "config" / "demo"


def demo(number: int = 0) -> dict[str, str]:
    with (DEMO / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))[number]


def read(path: Path) -> Samples:
    samples, rate = soundfile.read(path, dtype="float32")
    return mel.resample(samples, rate)


def sources(number: int = 0) -> list[Samples]:
    row = demo(number)
    return [read(DEMO / row[f"reference_{source}"]) for source in (1, 2)]


def test_shares_are_probabilities_of_zero_to_three_voices() -> None:
    shares = voices.shares(sources()[0])
    assert shares.shape[1] == 4
    assert np.abs(shares.sum(axis=1) - 1).max() < 1e-5


def test_nobody_is_counted_in_hiss() -> None:
    hiss = np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE)
    assert voices.shares(0.01 * hiss.astype(np.float32))[:, 0].mean() > 0.8


def test_each_sentence_is_given_to_the_track_it_is_on() -> None:
    first, second = sources()
    shown = [demo()["prompt_1"], demo()["prompt_2"]]
    found = wording.heard([second, first], shown)
    assert found is not None
    assert [line.track for line in found] == [1, 0]
    assert all(line.contrast > 0.15 for line in found)


def test_a_sentence_that_nobody_said_does_not_stand_out() -> None:
    found = wording.heard([sources()[0]], [demo()["prompt_1"], demo(9)["prompt_2"]])
    assert found is not None
    said, unsaid = found
    assert said.contrast > unsaid.contrast + 0.2
    assert unsaid.contrast < 0.15
    assert said.words > unsaid.words


def test_sentences_of_unknown_words_are_not_judged() -> None:
    assert wording.heard([sources()[0]], ["Xyzzy plugh frobozz quux."]) is None


def test_other_languages_are_not_judged_by_an_english_ear() -> None:
    take = Take(sources()[0], SAMPLE_RATE, ["Il pleut."], language="fr")
    check = examine(take).of("sentences")
    assert check.value is None and check.verdict == Verdict.OK
    assert "in English only" in check.advice


def test_a_solo_voice_fits_the_take_it_is_in_better_than_strangers_do() -> None:
    first, second = sources()
    length = max(len(first), len(second))
    joint = np.zeros(length, dtype=np.float32)
    joint[: len(first)] += first
    joint[: len(second)] += second
    here = enrolment.compare(joint, (first, second))
    assert here.fainter > 0.2
    assert here.level_gap_db < 1.5
    away = enrolment.compare(first, (first, second))
    assert away.second < 0 < away.first
    assert enrolment.compare(10 * joint, (first, second)).level_gap_db > 15


def test_a_recording_of_nobody_is_refused_without_further_words() -> None:
    report = examine(Take(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE, ["One."]))
    assert report.verdict == Verdict.REFUSE
    assert report.of("overlap").value is None
    assert report.of("overlap").advice == "No speech, so no overlap to measure."


def test_inspection_loads_no_torch() -> None:
    ask = (
        "import sys, numpy; from recordings.inspection.examine import Take, examine;"
        "examine(Take(numpy.zeros(16000, 'float32'), 16000));"
        "print('torch' in sys.modules, 'silero_vad' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", ask],
        cwd=ROOT / "platform",
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["False", "False"]


@pytest.mark.speech
def test_two_people_of_a_real_meeting_are_heard_together() -> None:
    cuts = SPEECH / "real_mixtures" / "ami_2spk"
    both = read(cuts / "trn09_0000_0800.flac")  # overlap in 6.0 of 8 s
    alone = read(SPEECH / "real_mixtures" / "ami_full" / "trn02.flac")  # one speaker
    found = [
        examine(Take(samples, SAMPLE_RATE)).of("overlap") for samples in (both, alone)
    ]
    shares = [check.value or 0 for check in found]
    assert shares[0] > 3 * shares[1]
    assert found[0].verdict != Verdict.REFUSE
    assert found[1].verdict == Verdict.REFUSE
