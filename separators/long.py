"""Recordings of any length, chunk by chunk, with every source in its place throughout.

Each chunk is heard at its own level, as the recordings of a training are, and given
back at the level of the mixture: a network needs no look at the whole recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from separators.contract import Separator
from separators.source_order import SourceOrder

Separate = Callable[[Tensor], Tensor]  # (batch, time) to (batch, source, time)


@dataclass(frozen=True)
class Cut:
    """How a long recording is cut, in seconds.

    Longer chunks hear more context and need more memory; the overlap is where the
    sources of two chunks are compared and faded into each other.
    """

    whole_s: float = 30.0  # up to here a recording is separated at once
    chunk_s: float = 20.0
    overlap_s: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < 2 * self.overlap_s <= self.chunk_s <= self.whole_s:
            raise ValueError(
                f"A cut of {self.chunk_s} s chunks with {self.overlap_s} s overlap "
                f"above {self.whole_s} s does not fit together; expected an overlap of "
                "at most half a chunk, and chunks no longer than what is left whole. "
                "Change one of the three."
            )

    def calls(self, seconds: float) -> int:
        """Return how many chunks a recording of that length makes."""
        if seconds <= self.whole_s:
            return 1
        hop = self.chunk_s - self.overlap_s
        return 1 + max(0, -int(-(seconds - self.chunk_s) // hop))


@dataclass(frozen=True)
class Chunk:
    """Samples, (time,), of which the first `shared` were in the chunk before too."""

    samples: Tensor
    shared: int


def separate_long(
    separator: Separator,
    blocks: Iterable[Tensor],
    *,
    cut: Cut | None = None,
    on_chunk: Callable[[], None] | None = None,
) -> Iterator[Tensor]:
    """Yield the estimates of a recording that arrives in blocks, piece by piece.

    Memory depends on the cut and not on the recording. A recording of at most
    `cut.whole_s` is one plain call.

    Args:
        blocks: the mixture in order, each (time,), of any length.
        cut: by default the separator's own, else `Cut()`.
        on_chunk: called after each chunk, for a progress bar.
    Yields:
        The estimates in order, each (source, time); together as long as the blocks.
    """
    own: Cut = getattr(separator, "cut", Cut())
    return _joined(
        separator.separate, blocks, cut or own, separator.sample_rate, on_chunk
    )


def separate_in_chunks(
    separate: Separate, mixtures: Tensor, *, cut: Cut, sample_rate: int
) -> Tensor:
    """Return the estimates of mixtures of any length, (batch, source, time).

    Args:
        separate: splits what is not longer than `cut.whole_s`.
        mixtures: (batch, time).
    """
    if mixtures.shape[1] <= round(cut.whole_s * sample_rate):
        return separate(mixtures)
    return torch.stack(
        [
            torch.cat([*_joined(separate, [mixture], cut, sample_rate)], dim=-1)
            for mixture in mixtures
        ]
    )


def chunks(
    blocks: Iterable[Tensor], *, whole: int, chunk: int, overlap: int
) -> Iterator[Chunk]:
    """Cut what arrives in blocks; all lengths in samples.

    The last chunk is as long as the others: it reaches further back instead.
    """
    hop = chunk - overlap
    held = torch.zeros(0)
    before = held[:0]  # what came right before `held`
    shared, most = 0, whole
    for block in blocks:
        held = torch.cat([held.to(block), block])
        while len(held) > most:
            yield Chunk(held[:chunk], shared)
            before, held = held[:hop], held[hop:]
            shared, most = overlap, chunk
    missing = min(chunk - len(held), len(before))
    if missing > 0:
        held, shared = torch.cat([before[-missing:], held]), shared + missing
    if len(held):
        yield Chunk(held, shared)


def _joined(
    separate: Separate,
    blocks: Iterable[Tensor],
    cut: Cut,
    sample_rate: int,
    on_chunk: Callable[[], None] | None = None,
) -> Iterator[Tensor]:
    whole, chunk, overlap = (
        round(seconds * sample_rate)
        for seconds in (cut.whole_s, cut.chunk_s, cut.overlap_s)
    )
    order = SourceOrder(lambda mixture: separate(mixture[None])[0], overlap)
    tail: Tensor | None = None  # the end of the last chunk, still to be faded out
    for piece in chunks(blocks, whole=whole, chunk=chunk, overlap=overlap):
        estimates = order.estimates_of(piece.samples, piece.shared)
        if tail is not None:
            estimates = _faded(tail, estimates[:, piece.shared - overlap :])
        yield estimates[:, :-overlap]
        tail = estimates[:, -overlap:]
        if on_chunk:
            on_chunk()
    if tail is not None:
        yield tail


def _faded(tail: Tensor, estimates: Tensor) -> Tensor:
    """Fade from the tail, (source, overlap), into what begins at the same sample."""
    overlap = tail.shape[1]
    rise = torch.hann_window(2 * overlap)[:overlap].to(tail)  # and its mirror: one
    head = tail + (estimates[:, :overlap] - tail) * rise
    return torch.cat([head, estimates[:, overlap:]], dim=1)
