"""Keeps each source in its place from one chunk of a recording to the next.

A network may return the sources of two chunks in two orders. Where the chunks overlap
the orders are compared; if too little is heard there to tell, the chunk is separated
once more behind an earlier stretch in which every source was heard.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor

SURE = 0.1  # of their energy must speak for the places of any sources
QUIET = 1e-4  # of the power of the chunks: 40 dB below them nothing is compared
FADED = 0.25  # an anchor gives way to a newer one unless that is so much weaker

Matrix = NDArray[np.float64]  # (source, source)
Order = NDArray[np.int64]
Split = Callable[[Tensor], Tensor]  # (time,) to (source, time)


@dataclass(frozen=True)
class Anchor:
    """A stretch of the recording in which every source is heard."""

    mixture: Tensor  # (time,)
    estimates: Tensor  # (source, time), in order
    power: float  # of its weakest source


class SourceOrder:
    """Separates the chunks of one recording, all in the order of the first.

    Args:
        separate: a mixture, (time,), to its estimates, (source, time), in any order.
        overlap: samples of an anchor.
    """

    def __init__(self, separate: Split, overlap: int) -> None:
        self._separate = separate
        self._overlap = overlap
        self._mixture: Tensor | None = None  # the last chunk
        self._estimates: Tensor  # of the last chunk, in order
        self._anchor: Anchor | None = None

    def estimates_of(self, mixture: Tensor, shared: int) -> Tensor:
        """Return the estimates of the next chunk, (source, time), in order.

        Args:
            mixture: (time,).
            shared: samples that it has in common with the end of the last chunk.
        """
        estimates = self._separate(mixture)
        if self._mixture is not None:
            estimates = estimates[self._order(mixture, estimates, shared)]
        self._mixture, self._estimates = mixture, estimates
        self._keep_anchor()
        return estimates

    def _order(self, mixture: Tensor, estimates: Tensor, shared: int) -> list[int]:
        order, margin = best_order(self._estimates[:, -shared:], estimates[:, :shared])
        if margin >= SURE and not self._is_quiet(mixture, shared):
            return order
        if self._anchor is None:
            return order
        return self._order_behind(self._anchor, mixture, estimates) or order

    def _is_quiet(self, mixture: Tensor, shared: int) -> bool:
        assert self._mixture is not None
        loudest = max(_power(self._mixture), _power(mixture))
        return bool(_power(mixture[:shared]) <= QUIET * loudest)

    def _order_behind(
        self, anchor: Anchor, mixture: Tensor, estimates: Tensor
    ) -> list[int] | None:
        """Separate anchor and chunk as one mixture; the order of the one tells both."""
        again = self._separate(torch.cat([anchor.mixture, mixture]))
        start = len(anchor.mixture)
        to_anchor, margin = best_order(anchor.estimates, again[:, :start])
        if margin < SURE:
            return None
        return best_order(again[to_anchor, start:], estimates)[0]

    def _keep_anchor(self) -> None:
        assert self._mixture is not None
        found = strongest_stretch(self._mixture, self._estimates, self._overlap)
        if found.power <= 0:
            return
        if self._anchor is None or found.power >= FADED * self._anchor.power:
            self._anchor = found


def best_order(running: Tensor, estimates: Tensor) -> tuple[list[int], float]:
    """Return the order in which estimates are nearest to the running sources.

    Nearest by squared error, so that a source that is silent here decides nothing.

    Args:
        running: the sources so far, (source, time).
        estimates: the same stretch in an unknown order, (source, time).
    Returns:
        `order` with `estimates[order[i]]` for `running[i]`, and how sure it is, 0 to 1:
        the energy that speaks for it against the next best order, as a share of the
        energy of the sources that would change places.
    """
    products = (running.double() @ estimates.double().T).cpu().numpy()
    _, order = linear_sum_assignment(products, maximize=True)
    loudness = (running.double().norm(dim=1).cpu().numpy())[:, None]
    energies = loudness * estimates.double().norm(dim=1).cpu().numpy()
    rivals = [_rival(products, order, row) for row in range(len(order))]
    margins = [_margin(products, energies, order, rival) for rival in rivals]
    return order.tolist(), min(margins) if len(order) > 1 else 1.0


def _rival(products: Matrix, order: Order, row: int) -> Order:
    """The best order that gives this row to another source."""
    barred = products.copy()
    barred[row, order[row]] = products.min() - np.abs(products).sum() - 1
    return linear_sum_assignment(barred, maximize=True)[1]


def _margin(products: Matrix, energies: Matrix, order: Order, rival: Order) -> float:
    rows = np.flatnonzero(order != rival)
    gained = products[rows, order[rows]] - products[rows, rival[rows]]
    energy = energies[rows, order[rows]].sum()
    return float(gained.sum() / energy) if energy > 0 else 0.0


def strongest_stretch(mixture: Tensor, estimates: Tensor, samples: int) -> Anchor:
    """Return the stretch in which the weakest source has the most power.

    Args:
        mixture: (time,).
        estimates: (source, time).
        samples: length of the stretch.
    """
    samples = min(samples, len(mixture))
    windows = estimates.unfold(1, samples, max(1, samples // 2))
    weakest = windows.double().square().mean(dim=2).amin(dim=0)  # (stretch,)
    best = int(weakest.argmax())
    start = best * max(1, samples // 2)
    stretch = slice(start, start + samples)
    return Anchor(
        mixture[stretch].clone(), estimates[:, stretch].clone(), float(weakest[best])
    )


def _power(samples: Tensor) -> float:
    return float(samples.double().square().mean())
