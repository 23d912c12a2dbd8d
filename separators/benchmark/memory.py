"""The memory that a call needs at its worst moment, beyond what was there before."""

import resource
import sys
from pathlib import Path

import torch

STATUS = Path("/proc/self/status")
FORGET = Path("/proc/self/clear_refs")  # "5" lets the peak begin anew
MIB = 1 << 20


class PeakMemory:
    """Starts when it is made; measure one call, in a process that ran none before.

    On a CPU it is the resident memory of the process. What an earlier call returned
    to the allocator and not to the system would hide the need of a later one.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cuda":
            torch.cuda.synchronize(device)
            torch.cuda.reset_peak_memory_stats(device)
            self._before = torch.cuda.memory_allocated(device)
        else:
            if FORGET.exists():
                FORGET.write_text("5")
            self._before = _peak_of_process()

    def growth_mib(self) -> float:
        """Return the peak since the start less what was in use at the start."""
        if self._device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self._device)
        else:
            peak = _peak_of_process()
        return (peak - self._before) / MIB


def _peak_of_process() -> int:
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
