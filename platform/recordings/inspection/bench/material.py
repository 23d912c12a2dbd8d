"""Utterances of speakers that no training has heard, drawn without repetition."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from scipy.signal import fftconvolve

from recordings.inspection import mel
from recordings.inspection.mel import Samples
from recordings.inspection.training.sound_files import read

LENGTHS = (2.5, 8.0)  # s: as long as a prompt takes
TEXTS = "librispeech_test_clean"  # left out of the training for this


@dataclass(frozen=True)
class Utterance:
    speaker: str
    text: str
    samples: Samples  # RMS of 1


@dataclass(frozen=True)
class Turn:
    """A real meeting and who spoke when, as (start, stop, speaker) in s."""

    samples: Samples
    turns: list[tuple[float, float, str]]


class Material:
    """What clips are made of. `half` 0 is to calibrate on, 1 to report."""

    def __init__(self, folder: Path, rng: Generator, *, half: int = 1) -> None:
        self.folder, self.rng = folder, rng
        rows = _rows(folder / "manifest.csv")
        low, high = LENGTHS
        fit = [row for row in rows if low <= float(row["seconds"]) <= high]
        with_text = [row for row in fit if row["corpus"] == TEXTS and row["text"]]
        speakers = sorted({row["speaker"] for row in with_text})
        mine = set(speakers[half::2])
        self.pools = {
            True: self._shuffled([row for row in with_text if row["speaker"] in mine]),
            False: self._shuffled([row for row in fit if row["split"] == "dev"]),
        }
        self.strangers = [
            row["text"] for row in with_text if row["speaker"] not in mine
        ]
        noises = _rows(folder / "noise" / "manifest.csv")
        self.noises = [
            folder / "noise" / row["path"] for row in noises if row["split"] == "dev"
        ]
        self.used = {True: 0, False: 0}

    def _shuffled(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [rows[at] for at in self.rng.permutation(len(rows))]

    def draw(self, count: int, *, with_text: bool) -> list[Utterance]:
        """The next utterances, of different speakers."""
        drawn: list[Utterance] = []
        pool = self.pools[with_text]
        while len(drawn) < count:
            row = pool[self.used[with_text] % len(pool)]
            self.used[with_text] += 1
            if row["speaker"] in {known.speaker for known in drawn}:
                continue
            samples = read(self.folder / row["path"])
            samples = samples / np.float32(samples.std() + 1e-9)
            drawn.append(Utterance(row["speaker"], row["text"], samples))
        return drawn

    def again(self, speaker: str, text: str, *, with_text: bool) -> Samples:
        """Another utterance of a speaker, for a solo take."""
        rows = [
            row
            for row in self.pools[with_text]
            if row["speaker"] == speaker and (row["text"] != text or not text)
        ]
        samples = read(self.folder / rows[self.rng.integers(len(rows))]["path"])
        return np.asarray(samples / (samples.std() + 1e-9), dtype=np.float32)

    def noise(self, length: int) -> Samples:
        """Recorded noise of the fold that is no training material, RMS of 1."""
        path = self.noises[self.rng.integers(len(self.noises))]
        noise = np.resize(read(path), length)
        return np.asarray(noise / (noise.std() + 1e-9), dtype=np.float32)

    def room(self) -> Samples:
        """A simulated response: the direct sound and a decaying tail."""
        decay = self.rng.uniform(0.15, 0.45)
        time = np.arange(int(decay * 12_000)) / mel.SAMPLE_RATE
        tail = self.rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
        tail *= 10 ** (-self.rng.uniform(2, 10) / 20) / np.linalg.norm(tail)
        tail[0] = 1.0
        return tail.astype(np.float32)

    def meetings(self) -> list[Turn]:
        """Real overlapped speech with its turns (AMI)."""
        found = []
        for path in sorted((self.folder / "real_mixtures" / "ami_full").glob("*.rttm")):
            turns = [
                (float(word[3]), float(word[3]) + float(word[4]), word[7])
                for word in map(str.split, path.read_text().splitlines())
            ]
            found.append(Turn(read(path.with_suffix(".flac")), turns))
        return found


def heard_in(room: Samples, samples: Samples) -> Samples:
    return np.asarray(fftconvolve(samples, room)[: len(samples)], dtype=np.float32)


def _rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(newline="") as file:
        return list(csv.DictReader(file))
