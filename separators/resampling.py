"""Resampling of a signal that arrives in blocks, as if it were there at once."""

from collections.abc import Iterable, Iterator
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

Signal = NDArray[np.float32]

SHORTEST = 4096  # samples to resample at once; less would pay for the filter too often


def resampled(blocks: Iterable[Signal], rate: int, wanted: int) -> Iterator[Signal]:
    """Yield what `scipy.signal.resample_poly` makes of all blocks together.

    Args:
        blocks: the signal in order, each (..., time), of any length.
        rate: of the blocks, in Hz.
        wanted: in Hz.
    Yields:
        Blocks of (..., time), together ceil(samples * wanted / rate) long.
    """
    if rate == wanted:
        yield from blocks
        return
    up, down = wanted // gcd(rate, wanted), rate // gcd(rate, wanted)
    reach = ceil(10 * max(up, down) / up) + 1  # half the length of scipy's filter
    margin = ceil(reach / down) * down
    step = ceil(SHORTEST / down) * down
    held: Signal | None = None  # from `margin` before the next sample on
    for block in blocks:
        if held is None:
            held = np.zeros((*block.shape[:-1], margin), np.float32)
        held = np.concatenate([held, block], axis=-1)
        count = (held.shape[-1] - 2 * margin) // step * step
        if count > 0:
            whole = resample_poly(held[..., : count + 2 * margin], up, down, axis=-1)
            start = margin // down * up
            yield whole[..., start : start + count // down * up].astype(np.float32)
            held = held[..., count:]
    if held is None or held.shape[-1] == margin:
        return
    rest = ceil((held.shape[-1] - margin) * up / down)
    whole = resample_poly(held, up, down, axis=-1)
    start = margin // down * up
    yield whole[..., start : start + rest].astype(np.float32)
