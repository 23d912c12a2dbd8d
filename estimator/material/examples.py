"""Training examples: features of damaged estimates with their measured SI-SNR."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from estimator.features import SAMPLE_RATE, Features, describe
from estimator.material.degradations import Scene, Signal, degrade, error_scaled
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate
from estimator.metrics import pit_si_snr
from estimator.network import CURVE_HOP, HIGH_DB, LOW_DB, curve_frames

VERSIONS = 3  # estimates of one mixture, so that ranking them can be learned
REAL_SHARE = 0.4  # of the mixtures, where there are separators: they are slow
FAINT = 1e-4  # of mean power: a second with less holds nothing to judge


class Example(NamedTuple):
    """All versions of one mixture: items = version * source."""

    features: Features
    si_snr_db: Tensor  # (item,), clipped to LOW_DB..HIGH_DB
    curve_db: Tensor  # (item, frame), NaN where there is nothing to judge


class Examples(Dataset[Example]):
    """Example `index` depends on the seed and the index alone."""

    def __init__(
        self, mixer: Mixer, seed: int, count: int, separate: Sequence[Separate] = ()
    ) -> None:
        self.mixer, self.seed, self.count = mixer, seed, count
        self.separate = separate

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Example]:
        return (self[index] for index in range(self.count))

    def __getitem__(self, index: int) -> Example:
        rng = np.random.default_rng([self.seed, index])
        scene = self.mixer.scene(rng)
        real = self._separated(scene, rng)
        return example(
            scene, np.stack([_version(scene, real, rng) for _ in range(VERSIONS)])
        )

    def _separated(self, scene: Scene, rng: Generator) -> Signal | None:
        if not self.separate or rng.random() > REAL_SHARE:
            return None
        return separated(scene, self.separate[int(rng.integers(len(self.separate)))])


def outputs(mixer: Mixer, separate: Separate, seed: int, count: int) -> list[Example]:
    """What a separator makes of `count` scenes, as it is; silence is left out."""
    scenes = [mixer.scene(np.random.default_rng([seed, i])) for i in range(count)]
    found = [(scene, separated(scene, separate)) for scene in scenes]
    return [example(scene, real[None]) for scene, real in found if real is not None]


def separated(scene: Scene, separate: Separate) -> Signal | None:
    """A separator's estimates in the order of the sources; None if one is silent."""
    with torch.inference_mode():
        estimates = separate(torch.from_numpy(scene.mixture)[None])[0]
    if not (estimates.std(-1) > 0).all():
        return None
    references = torch.from_numpy(scene.sources)
    _, order = pit_si_snr(estimates=estimates, references=references)
    return np.asarray(estimates[order].numpy(force=True))


def _version(scene: Scene, real: Signal | None, rng: Generator) -> Signal:
    """A degradation, or real estimates with their error made louder or softer."""
    if real is None or rng.random() < 0.4:
        return degrade(scene, rng)[rng.permutation(2)]
    if rng.random() < 0.3:
        return real
    return error_scaled(real, scene.sources, rng.uniform(-30, 6))


def example(scene: Scene, versions: Signal) -> Example:
    """Measure and describe every version, (version, source, time)."""
    references = torch.from_numpy(scene.sources)
    estimates = torch.from_numpy(np.ascontiguousarray(versions, dtype=np.float32))
    figures, curves = [], []
    for version in estimates:
        measured, order = pit_si_snr(estimates=version, references=references)
        of_estimate = np.argsort(order)  # reference of each estimate
        figures.append(measured[of_estimate])
        curves.append(
            si_snr_curve(estimates=version, references=references[of_estimate])
        )
    mixtures = torch.from_numpy(scene.mixture).expand(len(estimates), -1)
    si_snr_db = torch.cat(figures).float().clamp(LOW_DB, HIGH_DB)
    return Example(describe(mixtures, estimates), si_snr_db, torch.cat(curves))


def si_snr_curve(*, estimates: Tensor, references: Tensor) -> Tensor:
    """Ratio of target to error in each second, under one projection for the whole.

    Args:
        estimates: (source, time) at 8 kHz.
        references: (source, time), in the same order.

    Returns:
        dB within LOW_DB..HIGH_DB, (source, frame); NaN where both are silent.
    """
    estimates = estimates.double() - estimates.double().mean(-1, keepdim=True)
    references = references.double() - references.double().mean(-1, keepdim=True)
    weight = (estimates * references).sum(-1, keepdim=True)
    target = references * weight / references.square().sum(-1, keepdim=True)
    signal, error = _seconds(target), _seconds(estimates - target)
    level = estimates.square().mean(-1, keepdim=True)
    ratio = 10 * torch.log10((signal + 1e-9 * level) / (error + 1e-9 * level))
    ratio[signal + error < FAINT * level] = torch.nan
    return ratio.clamp(LOW_DB, HIGH_DB).float()


def _seconds(signal: Tensor) -> Tensor:
    """Mean power of the second around each point of the curve, (source, frame)."""
    time = signal.shape[-1]
    total = torch.nn.functional.pad(signal.square().cumsum(-1), (1, 0))
    center = CURVE_HOP * torch.arange(curve_frames(time))
    start = (center - SAMPLE_RATE // 2).clamp(0, time - 1)
    stop = (center + SAMPLE_RATE // 2).clamp(1, time)
    return (total[:, stop] - total[:, start]) / (stop - start)


def collate(examples: Sequence[Example]) -> Example:
    """One example with the items of all, those of one mixture kept together."""
    features, si_snr_db, curve_db = zip(*examples, strict=True)
    maps, scalars = zip(*features, strict=True)
    return Example(
        Features(torch.cat(maps), torch.cat(scalars)),
        torch.cat(si_snr_db),
        torch.cat(curve_db),
    )
