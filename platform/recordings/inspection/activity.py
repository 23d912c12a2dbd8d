"""Speech activity: Silero's network, opened by its path inside the package."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from recordings.inspection.mel import SAMPLE_RATE, Samples

STEP, CONTEXT = 512, 64  # samples: 32 ms, and what the network wants of the past
RATE = SAMPLE_RATE / STEP  # frames per second
SPEECH = 0.5  # probability from which a frame is speech
PAUSE = 0.15  # and under which it surely is none


def probabilities(samples: Samples) -> NDArray[np.float32]:
    """Probability of speech in each 32 ms of 16 kHz samples, (frame,).

    The level is evened out first: the network misses quiet speech.
    Source: Silero VAD 6, MIT, the weights in the wheel of silero-vad.
    """
    loud = float(np.percentile(np.abs(samples), 99)) if len(samples) else 0.0
    if loud < 1e-5:
        return np.zeros(max(1, len(samples) // STEP), dtype=np.float32)
    frames = max(1, len(samples) // STEP)
    signal = np.zeros(CONTEXT + frames * STEP, dtype=np.float32)
    kept = samples[: frames * STEP]
    signal[CONTEXT : CONTEXT + len(kept)] = kept * (0.3 / loud)
    state = np.zeros((2, 1, 128), dtype=np.float32)
    rate = np.array(SAMPLE_RATE, dtype=np.int64)
    found = np.empty(frames, dtype=np.float32)
    for frame in range(frames):
        piece = signal[None, frame * STEP : frame * STEP + STEP + CONTEXT]
        out, state = _session().run(None, {"input": piece, "state": state, "sr": rate})
        found[frame] = out[0, 0]
    return found


@cache
def _session() -> onnxruntime.InferenceSession:
    package = find_spec("silero_vad")  # finds it without importing it: that loads torch
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "The package silero-vad is absent; inspection needs the model in it. "
            "Install what pyproject.toml names."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(Path(package.origin).parent / "data" / "silero_vad.onnx"),
        options,
        providers=["CPUExecutionProvider"],
    )
