"""Makes the demo's two-speaker mixtures, with their references, from espeak-ng voices.

    .venv/bin/python platform/config/demo/make_mixtures.py

Knows nothing of Django: it needs numpy, scipy, soundfile and the espeak-ng program.
"""

import argparse
import csv
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

Signal = NDArray[np.float64]
Generator = np.random.Generator

HERE = Path(__file__).parent
SEED = 20261110
MIXTURES = 24
SAMPLE_RATE = 16_000  # Hz, of everything written
SPEECH_LEVEL = 10 ** (-25 / 20)  # RMS of both speakers together; full scale is 1
PEAK = 0.9
FADE_SECONDS = 0.01
LEAD_SECONDS = 0.15  # before the first word
TAIL_SECONDS = 0.25  # after the last word: room for the room to ring

ACCENTS = {  # espeak-ng's name of the voice: what people call it
    "en-us": "American",
    "en-gb": "British",
    "en-gb-scotland": "Scottish",
    "en-029": "Caribbean",
    "en-us-nyc": "New York",
    "en-gb-x-rp": "Received Pronunciation",
    "en-gb-x-gbclan": "Lancaster",
    "en-gb-x-gbcwmd": "West Midlands",
}
VARIANTS = {
    "female": ("f1", "f2", "f3", "f4", "f5"),
    "male": ("m1", "m2", "m3", "m4", "m5", "m6", "m7"),
}
PAIRS = (("female", "male"), ("male", "male"), ("female", "female"), ("male", "female"))
PITCHES = {"female": (45, 75), "male": (20, 55)}  # of espeak-ng's 0 to 99
REVERBERATION = {  # seconds to fall by 60 dB, direct sound over reverberation in dB
    "none": None,
    "small": (0.2, 8.0),
    "medium": (0.4, 4.0),
}


class CannotMake(Exception):
    """Something the mixtures are made with is missing; says what to do about it."""


@dataclass(frozen=True)
class Speaker:
    """Who says what, and how."""

    prompt: str
    accent: str
    gender: str
    variant: str
    pitch: int
    words_per_minute: int

    @property
    def voice(self) -> str:
        return f"{self.accent}+{self.variant}"


@dataclass(frozen=True)
class Plan:
    """All that decides one mixture; `seed` gives the samples of its noise and room."""

    id: str
    speakers: tuple[Speaker, Speaker]
    overlap: float  # share of the shorter utterance that the other one covers
    level_difference_db: float  # energy of reference 1 over that of reference 2
    noise_snr_db: float | None  # energy of both references over that of the noise
    room: str
    seed: tuple[int, int]


@dataclass(frozen=True)
class Parts:
    """What a mixture is the sum of, as 16-bit integers, (time,) each."""

    references: tuple[NDArray[np.int16], NDArray[np.int16]]
    noise: NDArray[np.int16]

    @property
    def mixture(self) -> NDArray[np.int16]:
        return self.references[0] + self.references[1] + self.noise


# --- what to make


def make_plans(sentences: list[str], *, seed: int) -> list[Plan]:
    """The plans of all mixtures: balanced over pairs of genders, accents and rooms."""
    rng = np.random.default_rng(seed)
    prompts = rng.permutation(np.array(sentences))
    overlaps = rng.permutation(np.linspace(0.4, 1.0, MIXTURES))
    level_differences = rng.permutation(np.linspace(-5, 5, MIXTURES))
    rooms = rng.permutation(np.repeat(list(REVERBERATION), MIXTURES // 3))
    noise_snrs: list[float | None] = [None] * 9
    noise_snrs += np.linspace(15, 30, MIXTURES - 9).tolist()
    noise_order = rng.permutation(MIXTURES)
    return [
        Plan(
            id=f"demo-{index + 1:02d}",
            speakers=_speakers(index, prompts[2 * index : 2 * index + 2], rng),
            overlap=round(float(overlaps[index]), 3),
            level_difference_db=round(float(level_differences[index]), 2),
            noise_snr_db=_rounded(noise_snrs[noise_order[index]]),
            room=str(rooms[index]),
            seed=(seed, index),
        )
        for index in range(MIXTURES)
    ]


def _speakers(
    index: int, prompts: NDArray[np.str_], rng: Generator
) -> tuple[Speaker, Speaker]:
    """Two speakers who share neither accent nor voice variant."""
    accents, genders = list(ACCENTS), PAIRS[index % len(PAIRS)]

    def speaker(which: int) -> Speaker:
        gender = genders[which]
        variants = VARIANTS[gender]
        shift = which * (1 + index % (len(variants) - 1))
        accent = accents[(index + which * (1 + index // len(accents))) % len(accents)]
        return Speaker(
            prompt=str(prompts[which]),
            accent=accent,
            gender=gender,
            variant=variants[(index + shift) % len(variants)],
            pitch=int(rng.integers(*PITCHES[gender])),
            words_per_minute=int(rng.integers(132, 166)),
        )

    return speaker(0), speaker(1)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


# --- speech


def find_espeak() -> str:
    """The version of espeak-ng, once it is known to be installed."""
    if shutil.which("espeak-ng") is None:
        raise CannotMake(
            "The program espeak-ng was not found; the mixtures are spoken by it. "
            "Install it (Debian: apt-get install espeak-ng; macOS: brew install "
            "espeak-ng), then run this again."
        )
    return _espeak("--version").split("Data at:")[0].split(":")[-1].strip()


def check_voices(plans: Iterable[Plan]) -> None:
    """Refuse when a voice is missing: espeak-ng itself would take another, silently."""
    rows = _espeak("--voices=en").splitlines()[1:]
    languages = {row.split()[1] for row in rows if " mb/" not in row}  # not MBROLA's
    rows = _espeak("--voices=variant").splitlines()[1:]
    variants = {row.split("!v/")[1].split()[0] for row in rows if "!v/" in row}
    missing = {
        speaker.voice
        for plan in plans
        for speaker in plan.speakers
        if speaker.accent not in languages or speaker.variant not in variants
    }
    if missing:
        raise CannotMake(
            f"espeak-ng lacks {', '.join(sorted(missing))}; {len(languages)} English "
            f"voices and {len(variants)} variants were found. Install the full "
            "espeak-ng-data (Debian: apt-get install --reinstall espeak-ng-data), "
            "then run this again."
        )


def _espeak(*arguments: str) -> str:
    command = ["espeak-ng", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def speak(speaker: Speaker) -> Signal:
    """What `speaker` says, (time,) at SAMPLE_RATE: no silence around it, RMS of 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "speech.wav")
        how = ["-v", speaker.voice, "-p", str(speaker.pitch)]
        how += ["-s", str(speaker.words_per_minute), "-w", str(path)]
        _espeak(*how, speaker.prompt)  # no -z: it cuts the end of the last word off
        speech, rate = soundfile.read(path)
    speech = _trimmed(resample_poly(speech, SAMPLE_RATE, rate))
    return _faded(speech / np.sqrt(np.mean(speech**2)))


def _trimmed(speech: Signal) -> Signal:
    """From the first to the last sample within 45 dB of the peak, and 20 ms around."""
    loud = np.flatnonzero(np.abs(speech) > 10 ** (-45 / 20) * np.abs(speech).max())
    margin = SAMPLE_RATE // 50
    return speech[max(loud[0] - margin, 0) : loud[-1] + margin]


def _faded(signal: Signal) -> Signal:
    length = round(FADE_SECONDS * SAMPLE_RATE)
    ramp = np.sin(np.linspace(0, np.pi / 2, length)) ** 2
    faded = signal.copy()
    faded[:length] *= ramp
    faded[-length:] *= ramp[::-1]
    return faded


# --- room and noise


def make_room(name: str, rng: Generator) -> Signal:
    """An impulse response: the direct sound, then noise that decays exponentially."""
    if (room := REVERBERATION[name]) is None:
        return np.ones(1)
    seconds, direct_db = room
    first = round(rng.uniform(0.002, 0.006) * SAMPLE_RATE)  # the first reflection
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail = np.convolve(tail, [0.25, 0.5, 0.25], mode="same")  # walls dull the sound
    tail *= 10 ** (-direct_db / 20) / np.linalg.norm(tail)
    return np.concatenate([[1.0], np.zeros(first), tail])


def make_noise(length: int, rng: Generator) -> Signal:
    """Noise whose spectrum falls by 0 to 6 dB per octave above 60 Hz, (time,)."""
    slope = rng.uniform(0, 2)
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    colored = spectrum * np.maximum(frequency, 60) ** (-slope / 2) * (frequency > 20)
    return np.fft.irfft(colored, length)


# --- the mixture


def make_parts(plan: Plan) -> Parts:
    """Speak, place, reverberate, level; the mixture is then a sum of integers."""
    rng = np.random.default_rng(plan.seed)
    images = _images(plan, [speak(speaker) for speaker in plan.speakers], rng)
    gain = 10 ** (plan.level_difference_db / 20)
    first = images[0] / np.linalg.norm(images[0]) * gain
    second = images[1] / np.linalg.norm(images[1])
    noise = np.zeros_like(first)
    if plan.noise_snr_db is not None:
        noise = _faded(make_noise(len(first), rng))
        energy = np.sum(first**2) + np.sum(second**2)
        noise *= np.sqrt(energy * 10 ** (-plan.noise_snr_db / 10) / np.sum(noise**2))
    speech = first + second
    scale = SPEECH_LEVEL / np.sqrt(np.mean(speech**2))
    scale = min(scale, (PEAK - 0.001) / np.abs(speech + noise).max())
    return Parts((_pcm(first * scale), _pcm(second * scale)), _pcm(noise * scale))


def _images(plan: Plan, speech: list[Signal], rng: Generator) -> list[Signal]:
    """Both speakers as the microphone hears them, of one length, (time,) each."""
    lengths = [len(utterance) for utterance in speech]
    late = int(rng.integers(2))  # who speaks last
    start = lengths[1 - late] - round(plan.overlap * min(lengths))
    starts = [0, 0]
    starts[late] = start
    end = max(start + lengths[late], lengths[1 - late])
    lead, tail = round(LEAD_SECONDS * SAMPLE_RATE), round(TAIL_SECONDS * SAMPLE_RATE)
    images = []
    for begin, utterance in zip(starts, speech, strict=True):
        image = np.zeros(lead + end + tail)
        image[lead + begin : lead + begin + len(utterance)] = utterance
        heard = np.convolve(image, make_room(plan.room, rng))[: len(image)]
        images.append(_faded(heard))
    return images


def _pcm(signal: Signal) -> NDArray[np.int16]:
    return np.round(signal * 32767).astype(np.int16)


# --- files


def write(plan: Plan, folder: Path) -> dict[str, object]:
    """Write one mixture with its references; its row of the manifest."""
    parts = make_parts(plan)
    files = {
        "mixture": f"mixtures/{plan.id}.flac",
        "reference_1": f"references/{plan.id}-1.flac",
        "reference_2": f"references/{plan.id}-2.flac",
    }
    for path, signal in zip(
        files.values(), (parts.mixture, *parts.references), strict=True
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / path, signal, SAMPLE_RATE, compression_level=1.0)
    row: dict[str, object] = {"id": plan.id, **files}
    for field in ("prompt", "voice", "gender", "accent"):
        for number, speaker in enumerate(plan.speakers, start=1):
            value = getattr(speaker, field)
            row[f"{field}_{number}"] = ACCENTS[value] if field == "accent" else value
    return row | {
        "overlap": plan.overlap,
        "level_difference_db": plan.level_difference_db,
        "noise_snr_db": "" if plan.noise_snr_db is None else plan.noise_snr_db,
        "room": plan.room,
        "seconds": round(len(parts.mixture) / SAMPLE_RATE, 3),
        "sha256": hashlib.sha256((folder / files["mixture"]).read_bytes()).hexdigest(),
    }


def write_manifest(rows: list[dict[str, object]], folder: Path) -> None:
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_sentences() -> list[str]:
    with (HERE / "sentences.csv").open(newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    parser.add_argument("--only", type=int, metavar="N", help="make the first N")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    if asked.only is not None and not 1 <= asked.only <= MIXTURES:
        parser.error(f"--only is {asked.only}; give a number from 1 to {MIXTURES}")
    try:
        version = find_espeak()
        plans = make_plans(read_sentences(), seed=asked.seed)[: asked.only]
        check_voices(plans)
    except CannotMake as missing:
        sys.exit(str(missing))
    write_manifest([write(plan, asked.out) for plan in plans], asked.out)
    (asked.out / "made_with.txt").write_text(
        f"espeak-ng {version}\n"
        f"libsndfile {soundfile.__libsndfile_version__}\n"
        f"seed {asked.seed}\n"
    )
    print(f"{len(plans)} mixtures are in {asked.out}")


if __name__ == "__main__":
    main()
