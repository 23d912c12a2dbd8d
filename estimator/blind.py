"""The blind estimator: SI-SNR of estimates without their references."""

import math

import torch
from torch import Tensor

from estimator import inputs, weights
from estimator.features import SAMPLE_RATE, describe
from estimator.network import FRAME_RATE, HIGH_DB, LOW_DB
from estimator.prediction import DB, Prediction


class BlindEstimator:
    """Predicts SI-SNR against each source as the microphone heard it, room included."""

    unit = DB
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
        signals = inputs.together(mixtures, estimates, sample_rate, wanted=SAMPLE_RATE)
        signals = signals.to(self._device)
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
