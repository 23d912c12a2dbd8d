"""The benchmark of several separators as plain data, and as a table to read."""

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from separators.benchmark.measure import Job, measure_apart
from separators.benchmark.subject import Subject

SECONDS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
RULE = {
    "process": "one fresh process for each separator and length",
    "time": "median of the repeats after one call to warm up, SpeechBrain's calls "
    "taken in turns with ours",
    "real_time_factor": "median_s / (batch * mixture_s): below 1 is faster than sound",
    "peak_memory_mib": "of the first call, beyond the loaded model: resident memory "
    "of the process on a CPU, torch.cuda.max_memory_allocated on a GPU; null for a "
    "model that computes in a child process, as ONNX does here",
    "gmac": "1e9 multiply-accumulates for one mixture: matrices, convolutions, "
    "attention, recurrent layers; no sums, norms, activations or Fourier transforms",
    "speechbrain": "SepformerSeparation.separate_batch with the same weights",
}


def benchmark(
    subjects: Sequence[Subject],
    *,
    seconds: Sequence[float] = SECONDS,
    batch: int = 1,
    repeats: int = 3,
    on_row: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Return time, memory and arithmetic of each subject at each length.

    Args:
        seconds: lengths of the mixtures.
        batch: mixtures in a call.
        repeats: timed calls.
        on_row: called after each length of each subject.
    Raises:
        ValueError: if a subject cannot be loaded or measured.
    """
    rows = []
    for subject in subjects:
        lengths = []
        for job in (Job(subject, length, batch, repeats) for length in seconds):
            found = measure_apart(job)
            lengths.append(_length(job, found))
            if on_row:
                on_row()
        row = {"name": subject.name, "has_random_weights": subject.has_random_weights}
        row |= {"speed": subject.speed, "parameters": found["parameters"]}
        rows.append({**row, "load_s": found["load_s"], "lengths": lengths})
    device = subjects[0].device if subjects else "cpu"
    return {
        "machine": machine(device),
        "rule": {**RULE, "batch": batch, "repeats": repeats},
        "separators": rows,
    }


def _length(job: Job, found: dict[str, Any]) -> dict[str, Any]:
    sound_s = job.batch * job.seconds
    row = {
        "mixture_s": job.seconds,
        "median_s": found["median_s"],
        "real_time_factor": round(found["median_s"] / sound_s, 6),
        "peak_memory_mib": found["peak_memory_mib"],
        "gmac": found["gmac"],
        "speechbrain": None,
    }
    if found["speechbrain_s"] is not None:
        memory = measure_apart(replace(job, only_speechbrain=True))
        row["speechbrain"] = {
            "median_s": found["speechbrain_s"],
            "real_time_factor": round(found["speechbrain_s"] / sound_s, 6),
            "peak_memory_mib": memory["peak_memory_mib"],
            "our_throughput_over_theirs": round(
                found["speechbrain_s"] / found["median_s"], 3
            ),
        }
    return row


def table(report: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the report for a terminal."""
    yield (
        f"{'separator':28} {'s':>5} {'seconds':>9} {'RTF':>8} {'MiB':>8} {'GMAC':>9} "
        f" SpeechBrain: {'seconds':>9} {'MiB':>8} {'ours is':>8}"
    )
    for row in report["separators"]:
        for at in row["lengths"]:
            line = (
                f"{row['name']:28} {at['mixture_s']:5g} {at['median_s']:9.4f} "
                f"{at['real_time_factor']:8.4f} {_known(at['peak_memory_mib'], 1):>8} "
                f"{_known(at['gmac'], 2):>9}"
            )
            if peer := at["speechbrain"]:
                line += (
                    f"               {peer['median_s']:9.4f} "
                    f"{peer['peak_memory_mib']:8.1f} "
                    f"{peer['our_throughput_over_theirs']:7.2f}x"
                )
            yield line


def _known(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def machine(device: str) -> dict[str, Any]:
    """Return what the figures were measured on."""
    about: dict[str, Any] = {
        "device": device,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load_average": round(os.getloadavg()[0], 2),  # others work here too
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
    if torch.device(device).type == "cuda":
        about["gpu"] = torch.cuda.get_device_name(device)
    return about


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
