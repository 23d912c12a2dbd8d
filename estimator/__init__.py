"""How well a mixture was separated: SI-SNR with references, and blindly without."""

from estimator.blind import BlindEstimator, Prediction, load
from estimator.metrics import pit_si_snr, si_snr, si_snr_improvement

__all__ = [
    "BlindEstimator",
    "Prediction",
    "load",
    "pit_si_snr",
    "si_snr",
    "si_snr_improvement",
]
