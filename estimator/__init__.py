"""How well a mixture was separated: SI-SNR with references, and blindly without."""

from estimator.blind import BlindEstimator
from estimator.metrics import pit_sdr, pit_si_snr, si_snr, si_snr_improvement
from estimator.prediction import Estimator, Prediction
from estimator.registry import EstimatorInfo, info, load, names

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
