"""Runs an ONNX file as a separator: in a child process with limits on all it may do."""

import contextlib
import hashlib
import os
import signal
import stat
import subprocess
import sys
import weakref
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from separators.contract import ModelRefused, SeparatorInfo
from separators.network_separator import NetworkSeparator
from separators.shelf import onnx_wire

MOST_MB = 300
LEVEL = 0.1  # root mean square at which a model hears its mixtures
STANDARD = ("", "ai.onnx")
WITH_CONTRIBUTED = (*STANDARD, "com.microsoft", "ai.onnx.ml")  # built into onnxruntime
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Limits:
    """What a model may take, at opening it and for each mixture or chunk of one."""

    memory_mb: int = 4096  # of address space, of which Python takes 200
    cpu_s: float = 300.0
    wall_s: float = 900.0


def load_onnx(
    path: Path, *, sample_rate: int | None = None, limits: Limits | None = None
) -> NetworkSeparator:
    """Return the separator in an ONNX file, whoever wrote it.

    Args:
        sample_rate: in Hz; by default the one in the model's metadata.
    Raises:
        ModelRefused: if the file breaks a rule of `onnx_rules`, or a limit.
    """
    return separator_of(
        _read(path), name=path.stem, sample_rate=sample_rate, limits=limits
    )


def about(path: Path) -> SeparatorInfo:
    """Return what a model in a file says of itself, after opening it once.

    Raises:
        ModelRefused: as `load_onnx`.
    """
    network = load_onnx(path).network
    assert isinstance(network, OnnxNetwork)
    sha256 = hashlib.sha256(_read(path)).hexdigest()
    return SeparatorInfo(
        name=path.stem,
        title=path.name,
        architecture="onnx",
        parameters=network.parameter_count,
        training_data="not stated",
        sample_rate=network.sample_rate,
        sources=network.sources,
        licence="not stated",
        citation="",
        weights_from=str(path),
        revision=sha256[:12],
        sha256=sha256,
        is_default=False,
    )


def separator_of(
    raw: bytes,
    *,
    name: str,
    sample_rate: int | None = None,
    sources: int | None = None,
    level: float = LEVEL,
    domains: tuple[str, ...] = STANDARD,
    limits: Limits | None = None,
) -> NetworkSeparator:
    """As `load_onnx`, from the bytes of the file."""
    network = OnnxNetwork(raw, name, sample_rate, domains, limits or Limits())
    if sources not in (None, network.sources):
        raise ModelRefused(
            f"{name} gives {network.sources} sources; expected {sources}. It is "
            "another model than its entry describes."
        )
    return NetworkSeparator(
        network,
        name=name,
        sample_rate=network.sample_rate,
        sources=network.sources,
        level=level,
        restores_levels=True,
    )


class OnnxNetwork(nn.Module):
    """A model in its child process; mixtures go there one by one.

    So items of a batch cannot touch each other, whatever the model does.
    """

    def __init__(
        self,
        raw: bytes,
        name: str,
        sample_rate: int | None,
        domains: tuple[str, ...],
        limits: Limits,
    ) -> None:
        super().__init__()
        self._name = name
        self._limits = limits
        self._child = _start()
        weakref.finalize(self, _stop, self._child)
        opening = {
            "name": name,
            "sample_rate": sample_rate,
            "domains": list(domains),
            "memory_mb": limits.memory_mb,
            "cpu_s": limits.cpu_s,
        }
        answer, _ = self._ask(opening, raw, most_bytes=0)
        facts = answer["facts"]
        self.sources: int = facts["sources"]
        self.sample_rate: int = facts["sample_rate"]
        self.parameter_count: int = facts["parameters"]
        self.opset: int = facts["opset"]

    def forward(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out."""
        heard = mixtures.detach().cpu().float()
        shape = (self.sources, heard.shape[1])
        estimates = []
        for mixture in heard:
            size = 4 * shape[0] * shape[1]
            _, raw = self._ask({}, mixture.numpy().tobytes(), most_bytes=size)
            if len(raw) != size:
                raise ModelRefused(f"{self._name} answered out of turn. Start it anew.")
            estimates.append(np.frombuffer(raw, np.float32).reshape(shape).copy())
        return torch.from_numpy(np.stack(estimates)).to(mixtures.device, mixtures.dtype)

    def _ask(
        self, header: dict[str, Any], payload: bytes, *, most_bytes: int
    ) -> tuple[dict[str, Any], bytes]:
        child = self._child
        assert child.stdin is not None and child.stdout is not None
        watch = Timer(self._limits.wall_s, child.kill)
        watch.start()
        try:
            onnx_wire.send(child.stdin, header, payload)
            answer, raw = onnx_wire.receive(child.stdout, most_bytes)
        except (EOFError, BrokenPipeError) as why:
            raise ModelRefused(self._why_gone(is_late=not watch.is_alive())) from why
        finally:
            watch.cancel()
        if "refusal" in answer:
            raise ModelRefused(str(answer["refusal"]))
        return answer, raw

    def _why_gone(self, *, is_late: bool) -> str:
        _stop(self._child)
        code = self._child.returncode
        found = f"ended with status {code}"
        if code == -signal.SIGXCPU:
            found = f"computed for over {self._limits.cpu_s:.0f} s"
        elif is_late:
            found = f"gave no answer within {self._limits.wall_s:.0f} s"
        return (
            f"{self._name} {found}; expected an answer within "
            f"{self._limits.cpu_s:.0f} s of computing and {self._limits.memory_mb} MB. "
            "Make it end, or smaller."
        )


def _start() -> "subprocess.Popen[bytes]":
    """A child with nothing of this process but its code: no secrets, no open files."""
    return subprocess.Popen(
        [sys.executable, "-m", "separators.shelf.onnx_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "ORT_DISABLE_TELEMETRY": "1",
        },
    )


def _stop(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):  # what it never read stays in the pipe
            if pipe is not None:
                pipe.close()


def _read(path: Path) -> bytes:
    try:
        about = path.stat()
    except OSError as why:
        raise ModelRefused(
            f"{path} cannot be read ({why.strerror}); expected an ONNX file. "
            "Check the path."
        ) from why
    if not stat.S_ISREG(about.st_mode) or about.st_size == 0:
        raise ModelRefused(
            f"{path} is {'empty' if about.st_size == 0 else 'no file'}; expected an "
            "ONNX file. Copy it again."
        )
    if about.st_size > MOST_MB * 1_000_000:
        raise ModelRefused(
            f"{path} has {about.st_size / 1e6:.0f} MB; expected at most {MOST_MB} MB. "
            "Submit a smaller model."
        )
    return path.read_bytes()
