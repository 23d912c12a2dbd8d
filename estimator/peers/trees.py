"""Boosted trees over summary figures: the estimator of a minute, without pickle."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load as arrays_of
from safetensors.numpy import save
from torch import Tensor

from estimator import inputs
from estimator.features import SAMPLE_RATE, describe
from estimator.peers.summary import summary
from estimator.prediction import DB, Prediction

ARCHITECTURE = "features-trees"
STRAY = 0.05  # share of the figures that may lie beyond all of training

Array = NDArray[Any]


class Forest(NamedTuple):
    """Trees as arrays, (tree, node); node 0 is the root, a leaf is its own child."""

    feature: Array
    threshold: Array  # left if the figure is not above it
    left: Array
    right: Array
    value: Array  # of a leaf
    base: Array  # (1,): what all trees are added to

    def predict(self, figures: Array) -> Array:
        """Sum of the leaves that each row of figures falls into, (item,)."""
        items = np.arange(len(figures))
        total = np.full(len(figures), self.base.item())
        for feature, threshold, left, right, value in zip(*self[:5], strict=True):
            node = np.zeros(len(figures), dtype=np.int64)
            while (left[node] != node).any():
                goes_left = figures[items, feature[node]] <= threshold[node]
                node = np.where(goes_left, left[node], right[node]).astype(np.int64)
            total += value[node]
        return total


class Learned(NamedTuple):
    """A forest and what was measured beside it."""

    forest: Forest
    lowest: Array  # (figure,) seen in training
    highest: Array
    limits: Array  # low_db, high_db, std_db
    probe: Array  # (item, figure): the summary of known signals at training


class FeaturesTrees:
    """Judges each estimate by 76 figures of the maps that the network sees."""

    unit = DB

    def __init__(self, learned: Learned, *, name: str, revision: str) -> None:
        self.name, self.revision = name, revision
        self._learned = learned
        self.low_db, self.high_db, self._std_db = learned.limits.tolist()
        self.parameters = int(learned.forest.value.size)

    @torch.inference_mode()
    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """SI-SNR of every estimate, one spread for all, no curve.

        Args:
            mixtures: (batch, time).
            estimates: (batch, source, time), two sources or more.
            sample_rate: Hz of both; they are resampled to 8 kHz here.

        Raises:
            ValueError: as `inputs.together`.
        """
        signals = inputs.together(mixtures, estimates, sample_rate, wanted=SAMPLE_RATE)
        each = [summary(describe(item[:1], item[None, 1:])) for item in signals]
        figures = torch.cat(each).double().numpy()
        found = self._learned.forest.predict(figures).clip(self.low_db, self.high_db)
        beyond = (figures < self._learned.lowest) | (figures > self._learned.highest)
        familiar = beyond.mean(-1) <= STRAY
        shape = estimates.shape[:2]
        value = torch.from_numpy(found).float().view(shape)
        return Prediction(
            value=value,
            std=torch.full_like(value, self._std_db),
            curve=value[..., None][..., :0],
            in_domain=torch.from_numpy(familiar).view(shape),
            frame_rate=1.0,
        )


def probe() -> Array:
    """Summary of noise that never changes: other figures mean other features."""
    generator = np.random.default_rng(0)
    noise = torch.from_numpy(generator.standard_normal((2, SAMPLE_RATE))).float()
    found = summary(describe(noise.sum(0)[None], noise[None] + 0.3 * noise.flip(0)))
    return found.numpy().astype(np.float32)


def write(path: Path, learned: Learned, card: dict[str, Any]) -> None:
    """Write the arrays to `path` and the card beside it, as .json."""
    arrays = {f"forest.{k}": v for k, v in learned.forest._asdict().items()}
    arrays |= {k: v for k, v in learned._asdict().items() if k != "forest"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save({k: np.ascontiguousarray(v) for k, v in arrays.items()}))
    whole = {"architecture": ARCHITECTURE, **card}
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n")


def read(path: Path) -> FeaturesTrees:
    """The estimator that `write` wrote.

    Raises:
        ValueError: if the features are not those it was trained on.
    """
    content = path.read_bytes()
    arrays = arrays_of(content)
    fields = Forest._fields
    forest = Forest(*(arrays.pop(f"forest.{name}") for name in fields))
    learned = Learned(forest=forest, **arrays)
    now = probe()
    if now.shape != learned.probe.shape or not np.allclose(
        now, learned.probe, atol=1e-2
    ):
        raise ValueError(
            f"{path} was trained on other features than features.py makes now; train "
            f"it again: python -m estimator train --architecture {ARCHITECTURE} "
            f"--speech DIR --out {path}"
        )
    revision = hashlib.sha256(content).hexdigest()
    return FeaturesTrees(learned, name=path.stem, revision=revision)
