"""The voice counter: log-mel frames in, how many voices speak in each out."""

from pathlib import Path

import torch
from torch import Tensor, nn

from recordings.inspection.mel import BANDS

CLASSES = 4  # 0, 1, 2, 3 voices
WIDTH = 56


class VoiceCounter(nn.Module):
    """Convolutions over time and frequency, then dilated ones over time."""

    def __init__(self) -> None:
        super().__init__()
        self.front = nn.Sequential(
            _Conv2d(1, 12, groups=1),
            _Conv2d(12, 24, groups=1),
            _Conv2d(24, 32, groups=8),
        )
        self.narrow = nn.Sequential(
            nn.Conv1d(32 * (BANDS // 8), WIDTH, 1), nn.BatchNorm1d(WIDTH), nn.ReLU()
        )
        self.blocks = nn.ModuleList(_Block(step) for step in (1, 2, 4, 8, 16, 1))
        self.head = nn.Conv1d(WIDTH, CLASSES, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Logits, (batch, frame, 4), of log-mel frames, (batch, frame, band)."""
        x = self.front(frames.transpose(1, 2)[:, None])  # (batch, 32, 5, frame)
        x = self.narrow(x.flatten(1, 2))
        for block in self.blocks:
            x = x + block(x)
        logits: Tensor = self.head(x).transpose(1, 2)
        return logits


class _Conv2d(nn.Sequential):
    """Halves the bands, keeps the frames."""

    def __init__(self, inputs: int, outputs: int, groups: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, (2, 1), 1, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
        )


class _Block(nn.Sequential):
    def __init__(self, step: int) -> None:
        super().__init__(
            nn.Conv1d(WIDTH, WIDTH, 5, 1, 2 * step, step, groups=WIDTH, bias=False),
            nn.Conv1d(WIDTH, WIDTH, 1, bias=False),
            nn.BatchNorm1d(WIDTH),
            nn.ReLU(),
        )


class _Shares(nn.Module):
    """The network as it is served: probabilities instead of logits."""

    def __init__(self, network: VoiceCounter) -> None:
        super().__init__()
        self.network = network

    def forward(self, frames: Tensor) -> Tensor:
        shares: Tensor = self.network(frames).softmax(-1)
        return shares


def export(network: VoiceCounter, path: Path) -> None:
    """Write an ONNX file: `frames` (1, frame, 40) to `shares` (1, frame, 4)."""
    network.eval()
    torch.onnx.export(
        _Shares(network),
        (torch.zeros(1, 200, BANDS),),
        str(path),
        input_names=["frames"],
        output_names=["shares"],
        dynamic_axes={"frames": {1: "time"}, "shares": {1: "time"}},
        opset_version=17,
        dynamo=False,
    )
    network.train()
