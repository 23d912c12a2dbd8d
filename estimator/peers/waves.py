"""Training material as waveforms, for networks that make their own features."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from estimator.material.examples import Examples
from estimator.material.labels import order_of, pairwise_si_snr
from estimator.material.scene import Scene, Signal


class Wave(NamedTuple):
    """All versions of one mixture or of several: items = version * source."""

    mixtures: Tensor  # (item, time)
    estimates: Tensor  # (item, time)
    si_snr_db: Tensor  # (item,), within +-80


def waves(examples: Examples, indices: list[int]) -> list[Wave]:
    """The examples that the default estimator learns from, before their features."""
    return [_wave(*drawn) for drawn in examples.drawn(indices)]


def joined(found: Sequence[Wave]) -> Wave:
    """One with the items of all."""
    return Wave(*(torch.cat(parts) for parts in zip(*found, strict=True)))


def _wave(scene: Scene, versions: Signal, references: Signal) -> Wave:
    versions = np.ascontiguousarray(versions, dtype=np.float32)
    pairwise = pairwise_si_snr(versions, references)  # (version, estimate, reference)
    own = np.stack([order_of(table) for table in pairwise])  # (version, source)
    si_snr_db = np.take_along_axis(pairwise, own[..., None], -1)[..., 0]
    estimates = torch.from_numpy(versions).flatten(0, 1)
    mixtures = torch.from_numpy(scene.mixture).expand(len(estimates), -1)
    return Wave(mixtures, estimates, torch.from_numpy(si_snr_db).flatten().float())
