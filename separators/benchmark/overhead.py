"""What the contract adds to the bare network: level, edges, checks, batches."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from separators.batches import separate_many
from separators.benchmark.subject import Subject
from separators.network_separator import NetworkSeparator


def overhead(
    subject: Subject,
    *,
    seconds: float,
    batch: int,
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Any]:
    """Return the time of `separate_many` beside the bare forward pass.

    Both get the same mixtures and make one batch of them. They take turns, each
    beginning as often as the other; each turn gives one ratio, so that what else the
    machine does falls on both. The median of the ratios counts.

    Raises:
        ValueError: if the subject has no network of its own to run bare.
    """
    separator = subject.load()
    if not isinstance(separator, NetworkSeparator):
        raise ValueError(
            f"{subject.name} has no network to compare with; expected one that runs in "
            "torch. Leave it out of --overhead."
        )
    generator = torch.Generator().manual_seed(0)
    samples = round(seconds * separator.sample_rate)
    mixtures = [0.1 * torch.randn(samples, generator=generator) for _ in range(batch)]
    mixtures = [mixture.to(subject.device) for mixture in mixtures]
    stacked = torch.stack(mixtures)

    def many() -> list[Tensor]:
        return separate_many(separator, mixtures, seconds_per_batch=batch * seconds)

    @torch.no_grad()
    def bare() -> Tensor:
        return separator.run(stacked)

    pairs = _in_turns(many, bare, repeats, torch.device(subject.device), clock)
    return {
        "mixture_s": seconds,
        "batch": batch,
        "repeats": repeats,
        "separate_many_s": round(statistics.median(ours for ours, _ in pairs), 6),
        "bare_s": round(statistics.median(theirs for _, theirs in pairs), 6),
        "ratio": round(statistics.median(ours / theirs for ours, theirs in pairs), 4),
    }


def _in_turns(
    first: Callable[[], object],
    second: Callable[[], object],
    repeats: int,
    device: torch.device,
    clock: Callable[[], float],
) -> list[tuple[float, float]]:
    def spent(call: Callable[[], object]) -> float:
        started = clock()
        call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return clock() - started

    spent(first), spent(second)  # to warm up
    pairs = []
    for turn in range(repeats):
        if turn % 2:
            behind = spent(second)
            pairs.append((spent(first), behind))
        else:
            pairs.append((spent(first), spent(second)))
    return pairs
