"""Sound files as 16 kHz samples."""

from pathlib import Path

import soundfile

from recordings.inspection import mel
from recordings.inspection.mel import Samples

LONGEST_S = 30


def read(path: Path) -> Samples:
    """The first channel of a file at 16 kHz, (time,), 30 s at most."""
    with soundfile.SoundFile(path) as file:
        sound = file.read(LONGEST_S * file.samplerate, dtype="float32", always_2d=True)
        return mel.resample(sound[:, 0], file.samplerate)
