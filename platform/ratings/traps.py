"""A clip that turns into a voice saying which score to choose.

The voices were made by `espeak-ng -v en-gb -s 150 "Please choose score two."`,
trimmed of silence and stored at 16 kHz.
"""

import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ratings import renditions

SPOKEN = Path(__file__).parent / "spoken"
FADE_SECONDS = 0.05
SHORTEST = 2.6  # seconds: what is said, and enough before it to sound like the rest


def instructed(content: bytes, *, score: int, seconds: float) -> bytes:
    """The sound's beginning and then the instruction; FLAC of exactly `seconds`."""
    spoken, rate = soundfile.read(SPOKEN / f"score-{score}.flac", dtype="float64")
    samples = renditions.mono(content)
    before = round(seconds * rate) - len(spoken)
    if before < 0:
        raise ValueError(
            f"the clip lasts {seconds:.1f} s and what is said {len(spoken) / rate:.1f} "
            f"s; take clips of at least {SHORTEST} s"
        )
    beginning = np.zeros(before)
    beginning[: len(samples)] = samples[:before]
    both = np.concatenate(
        [_faded(renditions.leveled(beginning), rate), renditions.leveled(spoken)]
    )
    file = io.BytesIO()
    soundfile.write(file, both, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def _faded(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    length = min(round(FADE_SECONDS * rate), len(samples))
    ramp = np.ones(len(samples))
    ramp[len(samples) - length :] = np.linspace(1, 0, length)
    return samples * ramp
