"""How well a mixture was separated: SI-SNR with references, and blindly without."""

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # before onnxruntime is loaded

from estimator.blind import BlindEstimator  # noqa: E402
from estimator.metrics import (  # noqa: E402
    pit_sdr,
    pit_si_snr,
    si_snr,
    si_snr_improvement,
)
from estimator.prediction import Estimator, Prediction  # noqa: E402
from estimator.registry import EstimatorInfo, info, load, names  # noqa: E402

__all__ = [
    "BlindEstimator",
    "Estimator",
    "EstimatorInfo",
    "Prediction",
    "info",
    "load",
    "names",
    "pit_sdr",
    "pit_si_snr",
    "si_snr",
    "si_snr_improvement",
]
