"""The process that runs one stranger's model, under limits: python -m ...onnx_child."""

import ctypes
import math
import os
import resource
import time
from typing import IO, Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as reasons

from separators.contract import ModelRefused
from separators.shelf import onnx_rules, onnx_wire

NEW_USERS, NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
MOST_BYTES = 1 << 31
EDGE = 1024  # samples that a model may lose or add at the end
TROUBLES = (
    reasons.Fail,
    reasons.InvalidArgument,
    reasons.InvalidGraph,
    reasons.InvalidProtobuf,
    reasons.NotImplemented,
    reasons.RuntimeException,
    MemoryError,
    RuntimeError,
    ValueError,
)


def main() -> None:
    """Answer one model, then one mixture after the other, until the parent is gone."""
    asked = os.fdopen(0, "rb")
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not look like a message
    header, raw = onnx_wire.receive(asked, MOST_BYTES)
    confine(header["memory_mb"])
    _limit_time(header["cpu_s"])
    try:
        session, facts = _open(raw, header)
        onnx_wire.send(told, {"facts": vars(facts)})
        del raw
        while True:
            _answer(session, facts, asked, told, header["cpu_s"])
    except ModelRefused as refusal:
        onnx_wire.send(told, {"refusal": str(refusal)})
    except EOFError:
        return


def _open(raw: bytes, header: dict[str, Any]) -> tuple[Any, onnx_rules.Facts]:
    name = header["name"]
    facts = onnx_rules.check(
        raw,
        name=name,
        sample_rate=header["sample_rate"],
        domains=tuple(header["domains"]),
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # memory goes back after each mixture
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            raw, options, providers=["CPUExecutionProvider"]
        )
    except TROUBLES as why:
        raise ModelRefused(
            f"{name} cannot be opened by onnxruntime ({_brief(why)}). "
            "Run it there yourself, then export it again."
        ) from why
    return session, facts


def _answer(
    session: Any,
    facts: onnx_rules.Facts,
    asked: IO[bytes],
    told: IO[bytes],
    cpu_s: float,
) -> None:
    _, raw = onnx_wire.receive(asked, MOST_BYTES)
    mixture = np.frombuffer(raw, dtype=np.float32)
    _limit_time(cpu_s)
    try:
        found = session.run(facts.outputs, {facts.input: mixture[None]})
    except TROUBLES as why:
        raise ModelRefused(
            f"The model stopped at {len(mixture)} samples ({_brief(why)}). Run it in "
            "onnxruntime on such a mixture, within the memory that is allowed."
        ) from why
    onnx_wire.send(told, {}, _estimates(found, facts.sources, len(mixture)).tobytes())


def _estimates(found: list[Any], sources: int, samples: int) -> NDArray[np.float32]:
    """(source, time), cut or filled to the mixture's length."""
    arrays = [np.asarray(array, dtype=np.float32) for array in found]
    together = arrays[0][0] if len(arrays) == 1 else np.concatenate(arrays)
    missing = samples - together.shape[-1]
    if together.ndim != 2 or len(together) != sources or abs(missing) > EDGE:
        shapes = [array.shape for array in arrays]
        raise ModelRefused(
            f"The model returned {shapes} for {samples} samples; expected {sources} "
            f"sources as long as the mixture, to {EDGE} samples. Mend its last layers."
        )
    filled = np.pad(together, ((0, 0), (0, max(0, missing))))[:, :samples]
    return np.ascontiguousarray(filled)


def confine(memory_mb: int) -> None:
    """No more memory than this, no network, and no new file or socket from here on."""
    unshare = ctypes.CDLL(None).unshare  # not every kernel grants it: hence the next
    unshare(NEW_USERS | NEW_NETWORK)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _limit_time(cpu_s: float) -> None:
    """From here on the kernel kills this process after so much computing."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _brief(why: BaseException) -> str:
    return " ".join((str(why) or type(why).__name__).split())[:200]


if __name__ == "__main__":
    main()
