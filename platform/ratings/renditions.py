"""Copies for listening: same rate, length and loudness for whatever is compared."""

import io
from hashlib import sha256

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray
from scipy import signal

from ratings.models import Assignment, Play, Rendition
from recordings import objects

SAMPLE_RATE = 16_000  # Hz, of all sounds: the rate would tell separators apart
LOUDNESS_LUFS = -30.0  # as the CHiME-7 UDASE listening test
PEAK_LIMIT = 10 ** (-1 / 20)  # true peak of -1 dB of full scale
HEADER_BYTES = 44  # of a WAV without metadata
VERSION = 1  # raise it when the sound of a rendition changes

Samples = NDArray[np.float64]


def wav(play: Play) -> bytes:
    """What the rater hears under this key, in bytes that no other key has.

    A faint noise drawn from the key keeps programs from telling by equal bytes that
    two sounds are one, or that another rater was given the same.
    """
    return _veiled(prepare(play), play.key)


def prepare_all(assignment: Assignment) -> None:
    """Make what is missing, so that no sound takes longer to fetch than another."""
    for play in assignment.plays.select_related("estimate", "control_sound"):
        play.assignment = assignment
        if not _kept(play):
            prepare(play)


def prepare(play: Play) -> bytes:
    """The copy for listening; made once, then read from the objects."""
    if kept := _kept(play):
        return objects.read(str(kept.audio))
    content = render(objects.read(play.audio), length=_length(play))
    name = objects.store(content, folder="renditions", suffix="wav")
    Rendition.objects.get_or_create(
        source=play.audio, recipe=_recipe(play), defaults={"audio": name}
    )
    return content


def _kept(play: Play) -> Rendition | None:
    return Rendition.objects.filter(source=play.audio, recipe=_recipe(play)).first()


def _length(play: Play) -> int:
    return round(play.assignment.seconds * SAMPLE_RATE)


def _recipe(play: Play) -> str:
    return f"wav-{SAMPLE_RATE}-{_length(play)}-v{VERSION}"


def _veiled(content: bytes, key: str) -> bytes:
    """The last bit of every sample moved at random; below -90 dB of full scale."""
    samples = np.frombuffer(content, dtype="<i2", offset=HEADER_BYTES)
    seed = int.from_bytes(sha256(key.encode()).digest()[:8], "big")
    moves = np.random.default_rng(seed).integers(-1, 2, len(samples), dtype="<i2")
    return content[:HEADER_BYTES] + (samples + moves).tobytes()


def render(content: bytes, *, length: int) -> bytes:
    """A mono 16-bit WAV of exactly `length` samples at the study's loudness."""
    samples = mono(content)
    fitted = np.zeros(length)
    fitted[: len(samples)] = samples[:length]
    target = io.BytesIO()
    soundfile.write(
        target, leveled(fitted), SAMPLE_RATE, format="WAV", subtype="PCM_16"
    )
    return target.getvalue()


def mono(content: bytes) -> Samples:
    """One channel at the rate of all sounds."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float64", always_2d=True)
    return _at_rate(samples.mean(axis=1), rate)


def leveled(samples: Samples) -> Samples:
    """At -30 LUFS, or below where the true peak would pass -1 dB of full scale."""
    gain = 10 ** ((LOUDNESS_LUFS - loudness(samples)) / 20)
    peak = gain * true_peak(samples)
    return samples * gain * min(1.0, PEAK_LIMIT / max(peak, PEAK_LIMIT))


def loudness(samples: Samples) -> float:
    """Integrated loudness in LUFS; of silence, the target, so that it stays silent.

    The measure needs one block of 0.4 s, so a shorter sound is repeated to that.
    """
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    block = int(meter.block_size * SAMPLE_RATE)
    if 0 < len(samples) < block:
        samples = np.resize(samples, block)
    measured = meter.integrated_loudness(samples) if len(samples) else -np.inf
    return float(measured) if np.isfinite(measured) else LOUDNESS_LUFS


def true_peak(samples: Samples) -> float:
    """The highest value between samples as well, by 4 times oversampling."""
    if not len(samples):
        return 0.0
    return float(np.abs(signal.resample_poly(samples, 4, 1)).max())


def _at_rate(samples: Samples, rate: int) -> Samples:
    if rate == SAMPLE_RATE:
        return samples
    common = int(np.gcd(rate, SAMPLE_RATE))
    resampled: Samples = signal.resample_poly(
        samples, SAMPLE_RATE // common, rate // common
    )
    return resampled
