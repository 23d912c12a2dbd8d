"""The network of REAL-M's SI-SNR estimator, deterministic and safe in batches."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

CHANNELS, KERNEL = 128, 4
STRIDES = (1, 2, 2, 2, 2)
STRIDE, FIELD = 16, 49  # samples from frame to frame, and under one frame
CHUNK = 16_384  # frames at once: 10 minutes would need gigabytes
DEVIATION_FLOOR = 1e-5  # as in SpeechBrain's StatisticsPooling


class RealMNetwork(nn.Module):
    """One estimate beside its mixture in, a figure of 0 to 1 out.

    Layers, names of weights and normalization are those of SpeechBrain's recipe
    REAL-M/sisnr-estimation (pool_sisnrestimator.yaml), so its published weights fit.
    Its StatisticsPooling adds noise to the mean at each call; this one does not.

    Source: Subakan et al., "REAL-M: Towards speech separation on real mixtures",
    ICASSP 2022.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: dict[str, nn.Module] = {}
        for number, stride in enumerate(STRIDES, 1):
            layers[f"cnn{number}"] = Convolution(2 if number == 1 else CHANNELS, stride)
            layers[f"relu{number}"] = nn.ReLU()
        del layers[f"relu{len(STRIDES)}"]
        self.encoder = nn.Sequential(OrderedDict(layers))
        self.encoder_out = nn.Sequential(
            OrderedDict(
                layer1=Linear(2 * CHANNELS),
                relu=nn.ReLU(),
                layer2=Linear(1),
                sigm=nn.Sigmoid(),
            )
        )

    def forward(self, mixtures: Tensor, estimates: Tensor) -> Tensor:
        """Figures of 0 to 1, (item,).

        Args:
            mixtures: (item, time) at 8 kHz, the mixture of each estimate.
            estimates: (item, time).
        """
        signals = torch.stack([_standard(estimates), _standard(mixtures)], dim=1)
        frames = self._frames(signals)  # (item, channel, frame)
        pooled = torch.cat([frames.mean(-1), frames.std(-1) + DEVIATION_FLOOR], dim=-1)
        return self.encoder_out(pooled)[:, 0]

    def _frames(self, signals: Tensor) -> Tensor:
        count = 1 + (signals.shape[-1] - FIELD) // STRIDE
        pieces = [
            self.encoder(signals[..., STRIDE * start : _end(start, count)])
            for start in range(0, count, CHUNK)
        ]
        return torch.cat(pieces, dim=-1)


class Convolution(nn.Module):
    """Named as in SpeechBrain: its weights lie under `conv`."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, CHANNELS, KERNEL, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Linear(nn.Module):
    """Named as in SpeechBrain: its weights lie under `w`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.w = nn.Linear(2 * CHANNELS, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.w(x)


def _end(start: int, count: int) -> int:
    """Sample after the last one under the frames of a chunk."""
    return STRIDE * (min(start + CHUNK, count) - 1) + FIELD


def _standard(signals: Tensor) -> Tensor:
    centered = signals - signals.mean(-1, keepdim=True)
    return centered / signals.std(-1, keepdim=True)
