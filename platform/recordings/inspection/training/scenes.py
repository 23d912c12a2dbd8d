"""Scenes of 0 to 3 voices in rooms and noise, with the voices active in each frame."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from recordings.inspection import mel
from recordings.inspection.mel import Samples
from recordings.inspection.training.sound_files import read

SECONDS = 4.0
LENGTH = int(SECONDS * mel.SAMPLE_RATE)
VOICES = (0.06, 0.26, 0.48, 0.20)  # how often scenes have 0, 1, 2, 3 voices
AUDIBLE_DB = 30.0  # below a voice's own loud frames it counts as silent


@dataclass(frozen=True)
class Scene:
    samples: Samples  # (time,) at 16 kHz
    voices: NDArray[np.int64]  # (frame,): how many speak, 0 to 3


class Material:
    """Decoded speech by speaker, noise and room responses of one split."""

    def __init__(
        self,
        speech: dict[str, list[Samples]],
        noise: list[Samples],
        rooms: list[Samples],
    ) -> None:
        self.speech, self.noise, self.rooms = speech, noise, rooms
        self.names = sorted(speech)

    @classmethod
    def under(
        cls, folder: Path, *, split: str, keep: int, without: tuple[str, ...] = ()
    ) -> "Material":
        """At most `keep` utterances of each speaker of the split."""
        speech: dict[str, list[Samples]] = {}
        for row in _rows(folder / "manifest.csv"):
            held = speech.setdefault(row["speaker"], [])
            wanted = row["split"] == split and row["corpus"] not in without
            if wanted and len(held) < keep:
                held.append(read(folder / row["path"]))
        noise = [
            read(folder / "noise" / row["path"])
            for row in _rows(folder / "noise" / "manifest.csv")
            if row["split"] == split
        ]
        rooms = [read(path) for path in sorted((folder / "rir").rglob("*.wav"))]
        return cls({name: held for name, held in speech.items() if held}, noise, rooms)


def _rows(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(newline="") as file:
        return list(csv.DictReader(file))


def scene(material: Material, rng: Generator) -> Scene:
    """One seeded scene of four seconds."""
    count = int(rng.choice(len(VOICES), p=VOICES))
    chosen = rng.choice(len(material.names), size=count, replace=False)
    sources = [_utterance(material, material.names[index], rng) for index in chosen]
    active = [_is_active(source) for source in sources]
    in_room = rng.random() < 0.6
    heard = np.zeros(LENGTH, dtype=np.float32)
    for source in sources:
        placed = _in_room(source, material, rng) if in_room else source
        heard += _leveled(placed) * 10 ** (rng.normal(0, 4) / 20)
    heard += _background(material, rng) * (_rms(heard) if count else 1.0)
    if rng.random() < 0.15:
        heard = _narrow(heard, rng)
    frames = len(mel.mel_power(heard))
    voices = np.sum([row[:frames] for row in active], axis=0, dtype=np.int64)
    return Scene(heard, np.broadcast_to(voices, frames).copy())


def _utterance(material: Material, name: str, rng: Generator) -> Samples:
    """An excerpt somewhere in four seconds, often covering only part of them."""
    held = material.speech[name]
    whole = held[rng.integers(len(held))]
    length = LENGTH if rng.random() < 0.5 else int(rng.uniform(0.25, 1) * LENGTH)
    start = int(rng.integers(max(1, len(whole) - length)))
    piece = whole[start : start + length]
    at = int(rng.integers(LENGTH - len(piece) + 1))
    placed = np.zeros(LENGTH, dtype=np.float32)
    placed[at : at + len(piece)] = piece
    return placed


def _is_active(source: Samples) -> NDArray[np.bool_]:
    """Frames in which a clean voice is within 30 dB of its loud ones, (frame,)."""
    power = mel.power_spectrum(source).sum(axis=1)
    smooth = np.convolve(power, np.full(7, 1 / 7), mode="same")
    threshold = np.percentile(smooth[smooth > 0], 90) if smooth.any() else 1.0
    return np.asarray(smooth > threshold * 10 ** (-AUDIBLE_DB / 10))


def _in_room(source: Samples, material: Material, rng: Generator) -> Samples:
    """The source through a measured response, or one of decaying noise."""
    if material.rooms and rng.random() < 0.4:
        response = material.rooms[rng.integers(len(material.rooms))]
        response = response[np.abs(response).argmax() :]
    else:
        decay = rng.uniform(0.1, 0.7)  # s to -60 dB
        time = np.arange(int(decay * 12_000)) / mel.SAMPLE_RATE
        tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / decay)
        tail *= 10 ** (-rng.uniform(-3, 12) / 20) / np.linalg.norm(tail)
        tail[0] = 1.0
        response = tail.astype(np.float32)
    return np.asarray(fftconvolve(source, response)[:LENGTH], dtype=np.float32)


def _background(material: Material, rng: Generator) -> Samples:
    """Recorded or colored noise 0 to 50 dB under a level of one."""
    if rng.random() < 0.6 and material.noise:
        recorded = material.noise[rng.integers(len(material.noise))]
        noise = np.roll(np.resize(recorded, LENGTH), int(rng.integers(LENGTH)))
    else:
        shape = np.arange(1, LENGTH // 2 + 2) ** -rng.uniform(0, 1)
        white = rng.standard_normal(LENGTH)
        colored = np.fft.irfft(np.fft.rfft(white) * shape, LENGTH)
        noise = colored.astype(np.float32)
    ratio_db = rng.uniform(0, 25) if rng.random() < 0.5 else rng.uniform(25, 50)
    return np.asarray(_leveled(noise) * 10 ** (-ratio_db / 20), dtype=np.float32)


def _narrow(heard: Samples, rng: Generator) -> Samples:
    """As a telephone or a Bluetooth headset hears it."""
    cut = rng.uniform(3_300, 7_000)
    sections = butter(6, cut, fs=mel.SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sections, heard), dtype=np.float32)


def _leveled(samples: NDArray[np.floating]) -> NDArray[np.floating]:
    return samples / (_rms(samples) + 1e-9)


def _rms(samples: NDArray[np.floating]) -> float:
    """Of the moments that are not silent."""
    loud = samples[np.abs(samples) > 1e-5]
    return (
        float(np.sqrt(np.mean(np.square(loud, dtype=np.float64)))) if len(loud) else 0
    )
