"""Separates a file on the terminal: notices, a bar, the paths of what was written."""

import math
import sys
from pathlib import Path

from tqdm import tqdm

from separators.contract import Separator
from separators.files import separate_file
from separators.long import Cut
from separators.sound import open_sound


def separate(
    separator: Separator, mixture: Path, folder: Path, *, as_float: bool
) -> None:
    """Write one file per source and print its path; all else goes to standard error.

    Raises:
        ValueError: if the mixture cannot be read as sound.
    """
    sound = open_sound(mixture)
    if sound.channels > 1:
        _notice(f"{mixture} has {sound.channels} channels; their mean is separated.")
    cut: Cut = getattr(separator, "cut", Cut())
    calls = cut.calls(sound.seconds)
    with tqdm(total=calls, desc=separator.name, unit="chunk") as bar:
        written = separate_file(
            separator, sound, folder, as_float=as_float, on_chunk=bar.update
        )
    if written.gain < 1:
        _notice(
            f"An estimate exceeds full scale: all are turned down by "
            f"{-20 * math.log10(written.gain):.1f} dB together (gain "
            f"{written.gain:.4f}). --float writes them as they are."
        )
    for path in written.paths:
        print(path)


def _notice(text: str) -> None:
    print(text, file=sys.stderr)
