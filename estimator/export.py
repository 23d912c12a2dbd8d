"""The estimator as one ONNX graph, from samples at 8 kHz to figures in dB."""

import logging
import math
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from estimator.blind import MIN_SECONDS
from estimator.features import (
    HOP,
    SAMPLE_RATE,
    WINDOW,
    energies,
    features_of,
    fitted,
    unit_power,
)
from estimator.network import HIGH_DB, LOW_DB
from estimator.weights import Trained

OPSET = 18
INPUTS = ("mixtures", "estimates")
OUTPUTS = ("si_snr_db", "std_db", "ends_db", "sides_db", "curve_db", "in_domain")


class Graph(nn.Module):
    """What `BlindEstimator.predict` does, without its checks and its trimming.

    The transform is a convolution with sines and cosines: ONNX runtimes differ in
    what they know of Fourier, not in that. Batch and time stay free, sources do not.
    """

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        self.network, self.domain, self.intervals = trained
        angle = 2 * math.pi * torch.arange(WINDOW) / WINDOW
        turns = angle.double() * torch.arange(WINDOW // 2 + 1)[:, None]
        waves = torch.stack([turns.cos(), -turns.sin()]) * torch.hann_window(WINDOW)
        self.register_buffer("waves", waves.float().flatten(0, 1)[:, None])

    def forward(self, mixtures: Tensor, estimates: Tensor) -> tuple[Tensor, ...]:
        """(batch, time), (batch, source, time) to `OUTPUTS`, (batch, source, ...).

        The ends are in the order of `intervals.ENDS`, the sides in that of `SIDES`.
        """
        sources = estimates.shape[1]
        signals = unit_power(torch.cat([mixtures[:, None], estimates], dim=1))
        fit = fitted(signals @ signals.mT / signals.shape[-1])
        features = features_of(energies(self._spectra(signals), fit), fit)
        output = self.network(features)
        around = self.intervals.around(output)
        figures = (
            output.mean_db.clamp(LOW_DB, HIGH_DB),
            around[:, 0],
            around[:, 1:],
            output.sides_db,
            output.curve_db.clamp(LOW_DB, HIGH_DB),
            self.domain.holds(features, output.summary),
        )
        return tuple(figure.unflatten(0, (-1, sources)) for figure in figures)

    def _spectra(self, signals: Tensor) -> Tensor:
        waves: Tensor = self.waves  # type: ignore[assignment]
        padded = F.pad(signals.flatten(0, 1), (WINDOW // 2, WINDOW // 2))
        found = F.conv1d(padded[:, None], waves, stride=HOP)
        found = found.unflatten(1, (2, -1)).unflatten(0, (-1, signals.shape[1]))  # type: ignore[no-untyped-call]
        return found.permute(2, 0, 1, 4, 3)  # (2, batch, signal, frame, bin)


def export(trained: Trained, path: Path, *, sources: int = 2) -> None:
    """Write the graph for mixtures of so many sources; batch and time stay free.

    Raises:
        ValueError: if there are fewer than two sources.
    """
    if sources < 2:
        raise ValueError(
            f"{sources} source; the estimator compares at least two estimates"
        )
    graph = Graph(trained._replace(network=trained.network.eval())).eval()
    signals = torch.randn(2, 1 + sources, 3 * SAMPLE_RATE)
    batch = torch.export.Dim("batch", min=1, max=1024)
    least = int(MIN_SECONDS * SAMPLE_RATE)
    time = torch.export.Dim("time", min=least, max=600 * SAMPLE_RATE)
    path.parent.mkdir(parents=True, exist_ok=True)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of the exporter's own deprecations
        torch.onnx.export(
            graph,
            (signals[:, 0], signals[:, 1:].contiguous()),
            path,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=({0: batch, 1: time}, {0: batch, 2: time}),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
