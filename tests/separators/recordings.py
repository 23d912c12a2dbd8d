"""Small folders of made-up recordings."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16000


def write_tone(path: Path, *, hz: float, seconds: float, rate: int = RATE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hz * time), rate)


def write_speakers(folder: Path, *, speakers: int, seconds: float = 1.0) -> Path:
    """Each speaker is a tone of her own, with a pause in the middle."""
    for number in range(speakers):
        pitch = 200.0 + 150 * number
        for take in ("first", "second"):
            path = folder / f"speaker{number}" / f"{take}.wav"
            write_tone(path, hz=pitch, seconds=seconds)
    return folder
