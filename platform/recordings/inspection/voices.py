"""How many voices speak when: a small network on log-mel frames, served by ONNX."""

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from recordings.inspection import mel
from recordings.inspection.mel import Samples

WEIGHTS = Path(__file__).parent / "weights" / "voice_counter.onnx"


def shares(samples: Samples) -> NDArray[np.float32]:
    """Probability of 0, 1, 2 and 3 voices in each 20 ms of 16 kHz samples, (frame, 4).

    Source: our own training (training/, weights/voice_counter.json).
    """
    frames = mel.log_mel(samples)[None]
    found = session(WEIGHTS).run(["shares"], {"frames": frames})[0]
    return np.asarray(found[0], dtype=np.float32)


@cache
def session(path: Path) -> onnxruntime.InferenceSession:
    """The network of an ONNX file, on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path), options, providers=["CPUExecutionProvider"]
    )
