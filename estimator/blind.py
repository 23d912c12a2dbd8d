"""The blind estimator: SI-SNR of estimates without their references."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from estimator import inputs, weights
from estimator.features import SAMPLE_RATE, describe
from estimator.intervals import ENDS
from estimator.network import (
    CURVE_HOP,
    FRAME_RATE,
    HIGH_DB,
    LOW_DB,
    SIDES,
    curve_frames,
)
from estimator.prediction import DB, Prediction

PARTS = (*ENDS, *(side.removesuffix("_db") for side in SIDES))
MIN_SECONDS = inputs.MIN_SECONDS
LEAST = int(MIN_SECONDS * SAMPLE_RATE)


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
        self._network, self._domain, self._intervals = trained.to(device)
        self._network.eval()
        self.parameters = sum(x.numel() for x in trained.network.parameters())

    @torch.inference_mode()
    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """Predict the SI-SNR of every estimate, one mixture at a time.

        Neither the gain of a signal nor the rest of the batch nor digital silence
        around the sound changes a figure.

        Args:
            mixtures: (batch, time).
            estimates: (batch, source, time), two sources or more.
            sample_rate: Hz of both; they are resampled to 8 kHz here.

        Returns:
            The prediction for each estimate, clipped to `low_db`..`high_db`. Its
            `parts`, all in dB, are the ends of its intervals (`low_95`, `low_68`,
            `high_68`, `high_95`), what its error is made of (`leakage`, `distortion`:
            see `material.labels.sides`), and the SI-SNR of the `mixture` itself.

        Raises:
            ValueError: if the shapes do not fit, the signals are too short, or one is
                silent or not finite.
        """
        signals = inputs.together(mixtures, estimates, sample_rate, wanted=SAMPLE_RATE)
        heard = (mixtures != 0) | (estimates != 0).any(1)
        each = [
            self._one(item.to(self._device), *sounding(row, sample_rate))
            for item, row in zip(signals, heard, strict=True)
        ]
        figures, curve_db, in_domain = (
            torch.stack(values).cpu() for values in zip(*each, strict=True)
        )
        value_db, std_db, *parts = figures.unbind(-1)
        return Prediction(
            value_db,
            std_db,
            curve_db,
            in_domain,
            FRAME_RATE,
            parts=dict(zip(PARTS, parts, strict=True)),
        )

    def _one(
        self, signals: Tensor, start: int, stop: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Figures, (source, 2 + part); curve, (source, frame); domain, (source,)."""
        features = describe(signals[:1, start:stop], signals[None, 1:, start:stop])
        output = self._network(features)
        mean_db = output.mean_db.clamp(LOW_DB, HIGH_DB)[:, None]
        around = self._intervals.around(output)
        before, points = round(start / CURVE_HOP), curve_frames(signals.shape[-1])
        after = max(0, points - before - output.curve_db.shape[-1])
        curve_db = F.pad(output.curve_db[None], (before, after), mode="replicate")[0]
        curve_db = curve_db[:, :points]
        return (
            torch.cat([mean_db, around, output.sides_db], dim=-1),
            curve_db.clamp(LOW_DB, HIGH_DB),
            self._domain.holds(features, output.summary),
        )


def sounding(heard: Tensor, sample_rate: int) -> tuple[int, int]:
    """Where the sound is: digital silence before and after it tells nothing.

    Args:
        heard: whether any signal of the item is more than digital silence, (time,).
        sample_rate: Hz of `heard`.

    Returns:
        First sample and the one after the last at 8 kHz; half a second or more.
    """
    at = heard.nonzero()[:, 0]
    first, last = (int(at[i]) * SAMPLE_RATE / sample_rate for i in (0, -1))
    total = math.ceil(len(heard) * SAMPLE_RATE / sample_rate)
    stop = min(total, max(math.ceil(last) + 1, LEAST))
    return int(min(first, stop - LEAST)), stop
