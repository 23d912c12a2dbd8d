"""The blind estimator: SI-SNR of estimates without their references."""

import math
from typing import NamedTuple

import numpy as np
import torch
from scipy.signal import resample_poly
from torch import Tensor

from estimator import weights
from estimator.features import SAMPLE_RATE, describe
from estimator.metrics import SILENCE
from estimator.network import FRAME_RATE, HIGH_DB, LOW_DB

MIN_SECONDS = 0.5


class Prediction(NamedTuple):
    """What the estimator says of each estimate; on the CPU."""

    si_snr_db: Tensor  # (batch, source), within the estimator's range
    std_db: Tensor  # (batch, source), standard deviation of the error it expects
    curve_db: Tensor  # (batch, source, frame), SI-SNR of the second around each frame
    in_domain: Tensor  # (batch, source), bool: false where it never learned
    frame_rate: float  # Hz, of the curve


class BlindEstimator:
    """Predicts SI-SNR against each source as the microphone heard it, room included."""

    low_db = LOW_DB
    high_db = HIGH_DB

    def __init__(
        self, trained: weights.Trained, *, name: str, revision: str, device: str = "cpu"
    ) -> None:
        self.name = name
        self.revision = revision  # SHA-256 of the weights
        self._device = torch.device(device)
        self._network = trained.network.to(self._device).eval()
        self._domain = type(trained.domain)(*(x.to(device) for x in trained.domain))
        self._spread = trained.spread.to(device)
        self.parameters = sum(x.numel() for x in trained.network.parameters())

    @torch.inference_mode()
    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """Predict the SI-SNR of every estimate, one mixture at a time.

        Neither the gain of a signal nor the rest of the batch changes a figure.

        Args:
            mixtures: (batch, time).
            estimates: (batch, source, time), two sources or more.
            sample_rate: Hz of both; they are resampled to 8 kHz here.

        Returns:
            The prediction for each estimate, clipped to `low_db`..`high_db`.

        Raises:
            ValueError: if the shapes do not fit, the signals are too short, or one is
                silent or not finite.
        """
        _check_shapes(mixtures, estimates, sample_rate)
        signals = _leveled(torch.cat([mixtures[:, None], estimates], dim=1))
        signals = _resampled(signals, sample_rate).to(self._device)
        each = [self._one(item[:1], item[None, 1:]) for item in signals]
        si_snr_db, std_db, curve_db, in_domain = (
            torch.cat(values).cpu() for values in zip(*each, strict=True)
        )
        return Prediction(si_snr_db, std_db, curve_db, in_domain, FRAME_RATE)

    def _one(self, mixture: Tensor, estimates: Tensor) -> tuple[Tensor, ...]:
        features = describe(mixture, estimates)
        output = self._network(features)
        std_db = math.sqrt(2) * output.log_scale.exp() * self._spread
        figures = (
            output.mean_db.clamp(LOW_DB, HIGH_DB),
            std_db,
            output.curve_db.clamp(LOW_DB, HIGH_DB),
            self._domain.holds(features),
        )
        return tuple(figure[None] for figure in figures)  # (1, source, ...)


def load(name: str = "default", device: str = "cpu") -> BlindEstimator:
    """A shipped estimator by its name, or your own by the path of its weights.

    Args:
        name: one of `weights.names()`, or a path that ends in .safetensors.
        device: where the network runs.

    Raises:
        ValueError: if there is no such estimator.
    """
    path = weights.path_of(name)
    trained, revision = weights.read(path)
    return BlindEstimator(trained, name=path.stem, revision=revision, device=device)


def _check_shapes(mixtures: Tensor, estimates: Tensor, sample_rate: int) -> None:
    shapes = f"mixtures {tuple(mixtures.shape)}, estimates {tuple(estimates.shape)}"
    if mixtures.ndim != 2 or estimates.ndim != 3:
        raise ValueError(f"{shapes}; expected (batch, time) and (batch, source, time)")
    if len(mixtures) != len(estimates) or mixtures.shape[-1] != estimates.shape[-1]:
        raise ValueError(f"{shapes}; batch and time must be the same in both")
    if estimates.shape[1] < 2:
        raise ValueError(
            f"{shapes}; the estimator compares at least two estimates of one mixture"
        )
    if sample_rate <= 0:
        raise ValueError(f"sample_rate is {sample_rate}; give it in Hz, such as 8000")
    if mixtures.shape[-1] < MIN_SECONDS * sample_rate:
        raise ValueError(
            f"the signals last {mixtures.shape[-1] / sample_rate:.2f} s at "
            f"{sample_rate} Hz; the estimator needs {MIN_SECONDS} s or more"
        )


def _leveled(signals: Tensor) -> Tensor:
    """Zero mean and unit peak in float64; refuses silence and names the signal."""
    signals = signals.to(torch.float64)
    centered = signals - signals.mean(-1, keepdim=True)
    peak = centered.abs().amax(-1, keepdim=True)
    silent = peak <= SILENCE * signals.abs().amax(-1, keepdim=True)
    for kind, found in (
        ("holds NaN or infinite samples; send finite ones", ~peak.isfinite()),
        ("is silent and has no SI-SNR; store it as no output", silent),
    ):
        if found.any():
            item, row = found[..., 0].nonzero()[0].tolist()
            which = f"estimate {row - 1} of mixture" if row else "mixture"
            raise ValueError(f"{which} {item} (counted from 0) {kind}")
    return centered / peak


def _resampled(signals: Tensor, sample_rate: int) -> Tensor:
    if sample_rate != SAMPLE_RATE:
        common = math.gcd(sample_rate, SAMPLE_RATE)
        resampled = resample_poly(
            signals.numpy(force=True),
            SAMPLE_RATE // common,
            sample_rate // common,
            axis=-1,
        )
        signals = torch.from_numpy(np.ascontiguousarray(resampled))
    return signals.float()
