"""Copies for listening: same rate, length and loudness for whatever is compared."""

import io

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray
from scipy import signal

from ratings.models import Play, Rendition
from recordings import objects

SAMPLE_RATE = 16_000  # Hz, of all sounds: the rate would tell separators apart
LOUDNESS_LUFS = -30.0  # as the CHiME-7 UDASE listening test
PEAK_LIMIT = 10 ** (-1 / 20)  # true peak of -1 dB of full scale
VERSION = 1  # raise it when the sound of a rendition changes

Samples = NDArray[np.float64]


def wav(play: Play) -> bytes:
    """What the rater hears under this key; made once, then read from the objects."""
    mixture = play.assignment.item.run.mixture
    source = str(play.estimate.audio if play.estimate else mixture.audio)
    length = round(mixture.seconds * SAMPLE_RATE)
    recipe = f"wav-{SAMPLE_RATE}-{length}-v{VERSION}"
    kept = Rendition.objects.filter(source=source, recipe=recipe).first()
    if kept:
        return objects.read(str(kept.audio))
    content = render(objects.read(source), length=length)
    name = objects.store(content, folder="renditions", suffix="wav")
    Rendition.objects.get_or_create(
        source=source, recipe=recipe, defaults={"audio": name}
    )
    return content


def render(content: bytes, *, length: int) -> bytes:
    """A mono 16-bit WAV of exactly `length` samples at the study's loudness."""
    samples, rate = soundfile.read(io.BytesIO(content), dtype="float64", always_2d=True)
    mono = _at_rate(samples.mean(axis=1), rate)
    fitted = np.zeros(length)
    fitted[: len(mono)] = mono[:length]
    target = io.BytesIO()
    soundfile.write(
        target, leveled(fitted), SAMPLE_RATE, format="WAV", subtype="PCM_16"
    )
    return target.getvalue()


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
