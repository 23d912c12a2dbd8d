"""Training examples: features of damaged estimates with their measured SI-SNR."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from estimator.data import Mixer
from estimator.degradations import Scene, Signal, degrade, error_scaled
from estimator.features import SAMPLE_RATE, Features, describe
from estimator.metrics import pit_si_snr
from estimator.network import CURVE_HOP, HIGH_DB, LOW_DB, curve_frames

VERSIONS = 3  # estimates of one mixture, so that ranking them can be learned
FAINT = 1e-4  # of mean power: a second with less holds nothing to judge

Separate = Callable[[Tensor], Tensor]  # (batch, time) to (batch, source, time) at 8 kHz


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

    def __getitem__(self, index: int) -> Example:
        rng = np.random.default_rng([self.seed, index])
        scene = self.mixer.scene(rng)
        versions = [self._estimates(scene, rng) for _ in range(VERSIONS)]
        return example(scene, np.stack(versions))

    def _estimates(self, scene: Scene, rng: Generator) -> Signal:
        if not self.separate or rng.random() < 0.5:
            return degrade(scene, rng)[rng.permutation(2)]
        separate = self.separate[int(rng.integers(len(self.separate)))]
        return separated(scene, separate, rng)


def separated(scene: Scene, separate: Separate, rng: Generator) -> Signal:
    """A separator's own estimates, most with their error made louder or softer."""
    with torch.inference_mode():
        estimates = separate(torch.from_numpy(scene.mixture)[None])[0]
    if not (estimates.std(-1) > 0).all():  # no output is no example
        return degrade(scene, rng)
    references = torch.from_numpy(scene.sources)
    _, order = pit_si_snr(estimates=estimates, references=references)
    ordered = estimates[order].numpy(force=True)
    if rng.random() < 0.35:
        return np.asarray(ordered)
    return error_scaled(ordered, scene.sources, rng.uniform(-25, 10))


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
