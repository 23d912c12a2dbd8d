"""Training examples: features of damaged estimates with their measured SI-SNR."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from estimator.features import Features, describe
from estimator.material.aiming import MOST_LAM, aimed, aims
from estimator.material.degradations import Parts, degrade, spoiled
from estimator.material.labels import curves, order_of, pairwise_si_snr, sides
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separated
from estimator.material.scene import IMAGE, Scene, Signal
from estimator.material.spectra import HOPS
from estimator.network import HIGH_DB, LOW_DB

VERSIONS = 3  # estimates of one mixture, so that ranking them can be learned
REAL_SHARE = 0.5  # of the mixtures, where there are separators: they are slow
SHARED = 8  # neighbors in a block meet the same separator, so that it runs once
AIMED = 0.85  # of the versions; the others keep the SI-SNR that they happen to have
FINE_HOP = 0.25  # chance
LOUDEST = 1e-6  # an estimate below this share of the mixture's RMS counts as silent


class Example(NamedTuple):
    """All versions of one mixture: items = version * source."""

    features: Features
    si_snr_db: Tensor  # (item,), clipped to LOW_DB..HIGH_DB
    curve_db: Tensor  # (item, frame), NaN where there is nothing to judge
    side_db: Tensor  # (item, side): as in SIDES; SI-SNR of the untouched mixture last
    mixture: Tensor  # (item,), int64: which mixture of the batch an item belongs to


class Examples(Dataset[Example]):
    """Example `index` depends on the seed and the index alone."""

    def __init__(
        self,
        mixer: Mixer,
        seed: int,
        count: int,
        separate: Sequence[Separate] = (),
        reference: str = IMAGE,
    ) -> None:
        self.mixer, self.seed, self.count = mixer, seed, count
        self.separate, self.reference = separate, reference

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Example]:
        for start in range(0, self.count, SHARED):
            yield from self.__getitems__(
                list(range(start, min(start + SHARED, self.count)))
            )

    def __getitem__(self, index: int) -> Example:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> list[Example]:
        return [example(*drawn) for drawn in self.drawn(indices)]

    def drawn(self, indices: list[int]) -> list[tuple[Scene, Signal, Signal]]:
        """Scenes, versions and references, before they are measured and described.

        Several at once: separators run over all mixtures that they are to split.

        Returns:
            For each index the scene, estimates (version, source, time), and
            references (source, time).
        """
        rngs = [np.random.default_rng([self.seed, index]) for index in indices]
        scenes = [self.mixer.scene(rng) for rng in rngs]
        real = self._separated(indices, scenes, rngs)
        return [
            self._versions(scene, found, rng)
            for scene, found, rng in zip(scenes, real, rngs, strict=True)
        ]

    def _separated(
        self, indices: list[int], scenes: list[Scene], rngs: list[Generator]
    ) -> list[Signal | None]:
        jobs: dict[Separate, list[int]] = {}
        for place, (index, scene, rng) in enumerate(
            zip(indices, scenes, rngs, strict=True)
        ):
            fitting = [s for s in self.separate if s.sources == len(scene.sources)]
            if rng.random() < REAL_SHARE and fitting:
                block = np.random.default_rng([self.seed, index // SHARED, 1])
                chosen = fitting[int(block.integers(len(fitting)))]
                jobs.setdefault(chosen, []).append(place)
        found: list[Signal | None] = [None] * len(scenes)
        for separate, places in jobs.items():
            mixtures = np.stack([scenes[place].mixture for place in places])
            references = [scenes[place].sources for place in places]
            estimates = separated(separate, mixtures, references)
            for place, estimate in zip(places, estimates, strict=True):
                found[place] = estimate
        return found

    def _versions(
        self, scene: Scene, real: Signal | None, rng: Generator
    ) -> tuple[Scene, Signal, Signal]:
        parts = Parts(scene, HOPS[int(rng.random() < FINE_HOP)])
        references = scene.references(self.reference)
        versions = [_version(parts, references, real, rng) for _ in range(VERSIONS)]
        return scene, np.stack(versions), references


def _version(
    parts: Parts, references: Signal, real: Signal | None, rng: Generator
) -> Signal:
    """A degradation, or real estimates; mostly with the error made louder or softer."""
    is_real = real is not None and rng.random() < 0.7
    if real is not None and is_real:
        estimates = spoiled(real, parts, rng) if rng.random() < 0.15 else real
    else:
        estimates = degrade(parts, rng)
    if rng.random() < AIMED:
        estimates = aimed(
            estimates,
            references,
            aims(len(references), rng),
            spare=parts.scene.noise,
            most_lam=MOST_LAM if is_real else np.inf,
        )
    estimates = audible(estimates, parts.scene, rng)
    return estimates[rng.permutation(len(estimates))]


def audible(estimates: Signal, scene: Scene, rng: Generator) -> Signal:
    """Silence has no SI-SNR: a trace of noise in place of what is nearly silent."""
    limit = LOUDEST * float(scene.mixture.std())
    silent = estimates.std(-1) <= limit
    if silent.any():
        shape = (int(silent.sum()), estimates.shape[-1])
        estimates[silent] = 10 * limit * rng.standard_normal(shape, dtype=np.float32)
    return estimates


def outputs(
    mixer: Mixer, separate: Callable[[Tensor], Tensor], seed: int, count: int
) -> list[Example]:
    """What a separator makes of `count` scenes, as it is; silence is left out."""
    scenes = [mixer.scene(np.random.default_rng([seed, i])) for i in range(count)]
    made = []
    for start in range(0, count, SHARED):
        some = scenes[start : start + SHARED]
        mixtures = np.stack([scene.mixture for scene in some])
        found = separated(separate, mixtures, [scene.sources for scene in some])
        made += [
            example(scene, real[None], scene.sources)
            for scene, real in zip(some, found, strict=True)
            if real is not None
        ]
    return made


def example(scene: Scene, versions: Signal, references: Signal) -> Example:
    """Measure and describe every version, (version, source, time)."""
    versions = np.ascontiguousarray(versions, dtype=np.float32)
    pairwise = pairwise_si_snr(versions, references)  # (version, estimate, reference)
    own = np.stack([order_of(table) for table in pairwise])  # (version, source)
    si_snr_db = np.take_along_axis(pairwise, own[..., None], -1)[..., 0].ravel()
    items, own = versions.reshape(-1, versions.shape[-1]), own.ravel()
    untouched = pairwise_si_snr(scene.mixture[None], references)[0][own]
    side_db = np.column_stack([sides(items, references, own), untouched])
    mixtures = torch.from_numpy(scene.mixture).expand(len(versions), -1)
    return Example(
        describe(mixtures, torch.from_numpy(versions)),
        torch.from_numpy(si_snr_db).float().clamp(LOW_DB, HIGH_DB),
        torch.from_numpy(curves(items, references[own])),
        torch.from_numpy(side_db).float(),
        torch.zeros(len(items), dtype=torch.int64),
    )


def collate(examples: Sequence[Example]) -> Example:
    """One example with the items of all, those of one mixture kept together."""
    features, si_snr_db, curve_db, side_db, mixture = zip(*examples, strict=True)
    maps, scalars = zip(*features, strict=True)
    before = np.cumsum([0, *(int(m.max()) + 1 for m in mixture)])
    return Example(
        Features(torch.cat(maps), torch.cat(scalars)),
        torch.cat(si_snr_db),
        torch.cat(curve_db),
        torch.cat(side_db),
        torch.cat([m + int(b) for m, b in zip(mixture, before, strict=False)]),
    )
