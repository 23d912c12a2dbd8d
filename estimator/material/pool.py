"""Real separators as training and evaluation call them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from estimator.features import SAMPLE_RATE
from estimator.material.labels import order_of, pairwise_si_snr
from estimator.material.scene import Signal


@dataclass(frozen=True)
class Separate:
    """A separator at 8 kHz, and what it is: called as a function."""

    name: str
    family: str  # its architecture
    stage: str  # "early", "middle" or "final" of its training; "" if it has none
    sources: int
    run: Callable[[Tensor], Tensor]

    def __call__(self, mixtures: Tensor) -> Tensor:
        """(batch, time) to (batch, source, time)."""
        return self.run(mixtures)


def separators_named(
    names: Sequence[str], sources: tuple[int, ...] = (2,)
) -> dict[str, Separate]:
    """Separators to call, by their names.

    Raises:
        ValueError: if one does not work at the estimator's rate, or makes another
            number of sources than is wanted.
    """
    if not names:
        return {}
    import separators  # training and evaluation alone need real estimates

    wanted = " or ".join(map(str, sources))
    found = {}
    for name in names:
        separator = separators.load(name)
        if separator.sample_rate != SAMPLE_RATE or separator.sources not in sources:
            raise ValueError(
                f"{name} makes {separator.sources} sources at {separator.sample_rate} "
                f"Hz; here {wanted} at {SAMPLE_RATE} Hz are needed, so leave it out"
            )
        about = separators.info(name)
        found[name] = Separate(
            name,
            about.architecture,
            about.stage or name.partition("-early")[1].strip("-"),
            separator.sources,
            separator.separate,
        )
    return found


def offline(sources: int = 2) -> list[str]:
    """Names of all separators that are here and make so many sources at 8 kHz."""
    import separators

    known = [separators.info(name) for name in separators.names()]
    return [
        about.name
        for about in known
        if about.ships and (about.sample_rate, about.sources) == (SAMPLE_RATE, sources)
    ]


def separated(
    separate: Callable[[Tensor], Tensor], mixtures: Signal, references: Sequence[Signal]
) -> list[Signal | None]:
    """A separator's estimates of several mixtures, in the order of their references.

    Args:
        separate: (batch, time) to (batch, source, time).
        mixtures: (batch, time).
        references: (source, time) for each mixture.

    Returns:
        (source, time) for each mixture; None where an estimate is silent.
    """
    with torch.inference_mode():
        batch = separate(torch.from_numpy(np.ascontiguousarray(mixtures)))
    found: list[Signal | None] = []
    for estimates, reference in zip(batch.numpy(force=True), references, strict=True):
        if not (estimates.std(-1) > 0).all():
            found.append(None)
            continue
        own = order_of(pairwise_si_snr(estimates, reference))
        found.append(np.ascontiguousarray(estimates[np.argsort(own)]))
    return found
