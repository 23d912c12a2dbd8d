"""Recordings from folders, decoded once."""

import csv
from pathlib import Path
from typing import Self

import numpy as np
import soundfile
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import resample_poly

from estimator.features import SAMPLE_RATE
from estimator.material.scene import Signal

SUFFIXES = {".flac", ".ogg", ".opus", ".wav"}


class Recordings:
    """Audio files under a folder, grouped by the folder they lie in.

    For speech one folder is one speaker; for rooms one folder is one room. A
    `manifest.csv` with columns `path` and `split` keeps only the lines of the split.
    """

    def __init__(self, groups: dict[str, list[Path]]) -> None:
        self.groups = groups
        self._decoded: dict[Path, NDArray[np.int16]] = {}

    @classmethod
    def under(cls, folder: Path, split: str = "train") -> Self:
        """Index a folder; nothing is decoded yet.

        Raises:
            ValueError: if the folder holds no audio file.
        """
        manifest = folder / "manifest.csv"
        kept = _split(manifest, split) if manifest.exists() else None
        groups: dict[str, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.suffix in SUFFIXES and (kept is None or name in kept):
                groups.setdefault(str(path.parent), []).append(path)
        if not groups:
            raise ValueError(
                f"{folder} holds no {', '.join(sorted(SUFFIXES))} file"
                f"; name a folder of recordings, one folder per speaker or room"
            )
        return cls(groups)

    def divide(self, share: float) -> tuple[Self, Self]:
        """Two disjoint sets of groups, the second with this share of them (>= 2)."""
        names = sorted(self.groups)
        np.random.default_rng(0).shuffle(names)
        held = set(names[: max(2, round(share * len(names)))])
        first = {k: v for k, v in self.groups.items() if k not in held}
        second = {k: v for k, v in self.groups.items() if k in held}
        return type(self)(first), type(self)(second)

    def corpora(self) -> dict[str, Self]:
        """Groups by the folder that holds their folders: corpus / speaker / file."""
        found: dict[str, dict[str, list[Path]]] = {}
        for name, paths in self.groups.items():
            found.setdefault(Path(name).parent.name, {})[name] = paths
        return {name: type(self)(groups) for name, groups in sorted(found.items())}

    def without(self, corpus: str) -> Self:
        """All but one corpus.

        Raises:
            ValueError: if there is none of that name, or no other.
        """
        corpora = self.corpora()
        rest = {n: c for n, c in corpora.items() if n != corpus}
        if corpus not in corpora or not rest:
            raise ValueError(
                f"the speech holds the corpora {', '.join(corpora)}; leaving out "
                f"{corpus!r} needs it and another one among them"
            )
        return type(self)({k: v for c in rest.values() for k, v in c.groups.items()})

    def draw(self, count: int, rng: Generator) -> list[str]:
        """Names of `count` different groups."""
        return [str(name) for name in rng.choice(sorted(self.groups), count, False)]

    def any_of(self, group: str, rng: Generator) -> Signal:
        """One recording of the group at 8 kHz, mono."""
        return self.excerpt(group, None, rng)

    def excerpt(self, group: str, samples: int | None, rng: Generator) -> Signal:
        """A part of one recording, at most so long; only that part becomes float."""
        path = self.groups[group][int(rng.integers(len(self.groups[group])))]
        decoded = self._decode(path)
        if samples is not None and len(decoded) > samples:
            start = int(rng.integers(len(decoded) - samples + 1))
            decoded = decoded[start : start + samples]
        return decoded.astype(np.float32) * np.float32(1 / 32768)

    def _decode(self, path: Path) -> NDArray[np.int16]:
        """Decoded once, then kept in memory with 16 bits."""
        if path not in self._decoded:
            signal = read(path)
            scale = 32767 / max(1.0, float(np.abs(signal).max()))
            self._decoded[path] = (scale * signal).astype(np.int16)
        return self._decoded[path]


def read(path: Path) -> Signal:
    """First channel of an audio file at 8 kHz."""
    signal, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
    common = int(np.gcd(sample_rate, SAMPLE_RATE))
    resampled = resample_poly(
        signal[:, 0], SAMPLE_RATE // common, sample_rate // common
    )
    return np.asarray(resampled, dtype=np.float32)


def _split(manifest: Path, split: str) -> set[str]:
    with manifest.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {row["path"] for row in rows if row.get("split", split) == split}
