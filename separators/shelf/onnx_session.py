"""One checked ONNX model in onnxruntime, as the child process holds it."""

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as reasons

from separators.contract import ModelRefused
from separators.shelf import onnx_rules

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


class OnnxSession:
    """A model that the rules let pass, ready to run.

    Raises:
        ModelRefused: if it breaks a rule, or onnxruntime cannot open it.
    """

    def __init__(
        self,
        raw: bytes,
        *,
        name: str,
        sample_rate: int | None,
        domains: tuple[str, ...],
    ) -> None:
        self.facts = onnx_rules.check(
            raw, name=name, sample_rate=sample_rate, domains=domains
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # memory goes back after each mixture
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                raw, options, providers=["CPUExecutionProvider"]
            )
        except TROUBLES as why:
            raise ModelRefused(
                f"{name} cannot be opened by onnxruntime ({_brief(why)}). "
                "Run it there yourself, then export it again."
            ) from why

    def separate(self, mixture: bytes) -> bytes:
        """float32 samples of a mixture in, those of its sources one after another out.

        Raises:
            ModelRefused: if the model stops, or gives no separation.
        """
        heard = np.frombuffer(mixture, dtype=np.float32)
        try:
            found = self._session.run(
                self.facts.outputs, {self.facts.input: heard[None]}
            )
        except TROUBLES as why:
            raise ModelRefused(
                f"The model stopped at {len(heard)} samples ({_brief(why)}). Run it in "
                "onnxruntime on such a mixture, within the memory that is allowed."
            ) from why
        return _estimates(found, self.facts.sources, len(heard)).tobytes()


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


def _brief(why: BaseException) -> str:
    return " ".join((str(why) or type(why).__name__).split())[:200]
