"""Measures one separator at one length, in a process of its own.

The rule, for every separator alike: load, one call to warm up, then `repeats` timed
calls, of which the median counts. Memory is that of the first call in the process.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from separators.benchmark.macs import count_macs
from separators.benchmark.memory import PeakMemory
from separators.benchmark.subject import Subject, computes_here, speechbrains_own
from separators.contract import Separator
from separators.speed import Speed

Clock = Callable[[], float]


@dataclass(frozen=True)
class Job:
    """What one process measures."""

    subject: Subject
    seconds: float
    batch: int
    repeats: int
    only_speechbrain: bool = False  # and only its memory


def measure_apart(job: Job) -> dict[str, Any]:
    """Measure in a fresh process, and return what it found.

    Raises:
        ValueError: if that process refused, or ended before it had an answer.
    """
    asked = subprocess.run(
        [sys.executable, "-m", "separators.benchmark.measure"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
    )
    if asked.returncode:
        said = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ValueError(
            f"{job.subject.name} could not be measured at {job.seconds:g} s (exit "
            f"status {asked.returncode}): {said} Leave that length out by --seconds, "
            "or give the process more memory."
        )
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return found


def measure(job: Job, clock: Clock = time.perf_counter) -> dict[str, Any]:
    """Return time, memory and arithmetic; run it once in a process."""
    started = clock()
    separator = job.subject.load()
    load_s = clock() - started
    device = torch.device(job.subject.device)
    mixtures = _mixtures(job, separator.sample_rate).to(device)
    peer = speechbrains_own(separator)
    own: Callable[[Tensor], Tensor] = separator.separate
    if job.only_speechbrain:
        return {"peak_memory_mib": _first_call(peer or own, mixtures, device)}
    found: dict[str, Any] = {
        "load_s": round(load_s, 3),
        "peak_memory_mib": _first_call(own, mixtures, device),
    }
    if not computes_here(separator):
        found["peak_memory_mib"] = None
    calls = [own] if peer is None else [own, peer]
    if peer:
        peer(mixtures)
    medians = interleaved(calls, mixtures, job.repeats, device, clock)
    found["parameters"] = _parameters(separator)
    found["gmac"] = _gmac(job, separator, mixtures[:1])
    found["median_s"] = medians[0]
    found["speechbrain_s"] = medians[1] if peer else None
    return found


def _mixtures(job: Job, sample_rate: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    samples = round(job.seconds * sample_rate)
    return 0.1 * torch.randn(job.batch, samples, generator=generator)


def _first_call(
    call: Callable[[Tensor], Tensor], mixtures: Tensor, device: torch.device
) -> float:
    with torch.no_grad():
        peak = PeakMemory(device)
        call(mixtures)
        return round(peak.growth_mib(), 2)


def interleaved(
    calls: Sequence[Callable[[Tensor], Tensor]],
    mixtures: Tensor,
    repeats: int,
    device: torch.device,
    clock: Clock,
) -> list[float]:
    """The median time of each; in turns, so that a busy machine delays them alike."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(repeats):
        for call, spent in zip(calls, times, strict=True):
            _wait_for(device)
            started = clock()
            with torch.no_grad():
                call(mixtures)
            _wait_for(device)
            spent.append(clock() - started)
    return [round(statistics.median(spent), 6) for spent in times]


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _gmac(job: Job, separator: Separator, mixture: Tensor) -> float | None:
    """Counted at the exact speed: a compiled network hides its products."""
    if job.subject.speed != Speed.EXACT:
        separator = replace(job.subject, speed=Speed.EXACT).load()
    network = getattr(separator, "network", None)
    if not isinstance(network, nn.Module) or not computes_here(separator):
        return None
    macs = count_macs(lambda: separator.separate(mixture), network)
    return round(macs / 1e9, 4)


def _parameters(separator: Separator) -> int:
    network = getattr(separator, "network", None)
    if not isinstance(network, nn.Module):
        return 0
    here = sum(parameter.numel() for parameter in network.parameters())
    return here or int(getattr(network, "parameter_count", 0))


def _main() -> int:
    asked = json.load(sys.stdin)
    job = Job(**{**asked, "subject": Subject(**asked["subject"])})
    try:
        print(json.dumps(measure(job)))
    except (ValueError, OSError, LookupError, RuntimeError) as refusal:
        print(str(refusal).replace("\n", " "), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main())
