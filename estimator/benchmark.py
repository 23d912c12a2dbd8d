"""What a prediction costs, beside REAL-M's network in the same run."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from estimator.peers.realm_network import RealMNetwork
from estimator.prediction import Estimator

SAMPLE_RATE = 8_000
SECONDS, SOURCES = 5.0, 2
BATCHES = (1, 16)
REPEATS = 5
MEMORY = """
import sys
import torch
from estimator.benchmark import peak_megabytes, signals
from estimator.registry import load
torch.set_num_threads(1)
judge = load(sys.argv[1])
loaded = peak_megabytes()
judge.predict(*signals(int(sys.argv[2])), 8_000)
print(loaded, peak_megabytes())
"""

Clock = Callable[[], float]
Work = Callable[[Tensor, Tensor], object]


class Contestant(NamedTuple):
    """Something that scores (batch, time) with (batch, source, time)."""

    name: str
    work: Work


def benchmark(
    estimator: Estimator,
    *,
    batches: tuple[int, ...] = BATCHES,
    repeats: int = REPEATS,
    clock: Clock = time.perf_counter,
) -> dict[str, Any]:
    """Audio seconds per second of `predict` and of REAL-M's network, interleaved.

    REAL-M's network has random weights, which cost the same. It is called as its
    public code does, all estimates of a batch at once, and one by one, which is faster
    on a CPU; each `times_...` is the median over rounds of both timed in turn.

    Returns:
        `estimator`, `revision`, `parameters`, and `cases` by batch and threads; ready
        for JSON.
    """
    network = RealMNetwork().eval()
    contestants = [
        Contestant("own", lambda m, e: estimator.predict(m, e, SAMPLE_RATE)),
        Contestant("realm_at_once", lambda m, e: at_once(network, m, e)),
        Contestant("realm_one_by_one", lambda m, e: one_by_one(network, m, e)),
    ]
    threads = sorted({1, os.cpu_count() or 1})
    return {
        "estimator": estimator.name,
        "revision": estimator.revision,
        "parameters": estimator.parameters,
        "realm_parameters": sum(x.numel() for x in network.parameters()),
        "seconds": SECONDS,
        "sources": SOURCES,
        "cases": [
            _case(contestants, batch, number, repeats, clock)
            for number in threads
            for batch in batches
        ],
    }


def _case(
    contestants: list[Contestant], batch: int, threads: int, repeats: int, clock: Clock
) -> dict[str, Any]:
    given = signals(batch)
    with _threads(threads), torch.inference_mode():
        for contestant in contestants:
            contestant.work(*given)  # the first call is slower
        rounds = [
            [_spent(contestant, given, clock) for contestant in contestants]
            for _ in range(repeats)
        ]
    audio = batch * SECONDS
    columns = dict(
        zip((x.name for x in contestants), zip(*rounds, strict=True), strict=True)
    )
    case: dict[str, Any] = {"batch": batch, "threads": threads}
    for name, spent in columns.items():
        case[f"{name}_ms"] = 1000 * statistics.median(spent)
        case[f"{name}_audio_seconds_per_second"] = audio / statistics.median(spent)
    for name in list(columns)[1:]:
        pairs = zip(columns[name], columns["own"], strict=True)
        case[f"times_{name}"] = statistics.median(peer / own for peer, own in pairs)
    return case


def at_once(network: RealMNetwork, mixtures: Tensor, estimates: Tensor) -> Tensor:
    """REAL-M's network over a batch, as SpeechBrain's code, but paired right."""
    sources = estimates.shape[1]
    return network(mixtures.repeat_interleave(sources, 0), estimates.flatten(0, 1))


def one_by_one(network: RealMNetwork, mixtures: Tensor, estimates: Tensor) -> Tensor:
    """The same figures with less memory in use at a time."""
    found = [
        network(mixture[None], estimate[None])
        for mixture, its_estimates in zip(mixtures, estimates, strict=True)
        for estimate in its_estimates
    ]
    return torch.cat(found)


def memory(name: str, batch: int = max(BATCHES)) -> dict[str, float]:
    """Peak megabytes of a fresh process that loads an estimator and predicts once."""
    answer = subprocess.run(
        [sys.executable, "-c", MEMORY, name, str(batch)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded, peak = (float(x) for x in answer.stdout.split())
    return {"batch": batch, "loaded_mb": loaded, "peak_mb": peak}


def peak_megabytes() -> float:
    """Most memory this process ever held; not what its parent did (ru_maxrss)."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1]) / 1024
    import resource

    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def signals(batch: int) -> tuple[Tensor, Tensor]:
    """Noise for mixtures, (batch, time), and estimates, (batch, source, time)."""
    generator = torch.Generator().manual_seed(0)
    samples = int(SECONDS * SAMPLE_RATE)
    estimates = torch.randn(batch, SOURCES, samples, generator=generator)
    return estimates.sum(1), estimates


def _spent(contestant: Contestant, given: tuple[Tensor, Tensor], clock: Clock) -> float:
    start = clock()
    contestant.work(*given)
    return clock() - start


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
