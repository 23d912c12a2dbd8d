"""SepQE: a small network from features to SI-SNR, its spread and its course in time."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from estimator.features import BANDS, HOP, MAPS, SAMPLE_RATE, SCALARS, Features

TIME_STRIDE = 4  # of the blocks together
CURVE_STRIDE = 4  # network frames from one point of the curve to the next
CURVE_HOP = HOP * TIME_STRIDE * CURVE_STRIDE  # samples
CURVE_FRAMES = 15  # network frames under one point: 0.96 s
FRAME_RATE = SAMPLE_RATE / CURVE_HOP  # Hz
LOW_DB, HIGH_DB = -10.0, 30.0  # what it learns; current separators reach 27 dB
CENTER_DB, SPREAD_DB = 10.0, 10.0


class Output(NamedTuple):
    """Raw outputs of the network, one row per item."""

    mean_db: Tensor  # (item,)
    log_scale: Tensor  # (item,): log of the Laplace scale in dB
    curve_db: Tensor  # (item, frame)


class SepQE(nn.Module):
    """Depthwise-separable blocks, pooled over time, with three heads."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            nn.Conv2d(MAPS, 32, 3, (2, 1), 1, bias=False),
            nn.BatchNorm2d(32),
            nn.SiLU(),
            _block(32, 48, (2, 1)),
            _block(48, 64, (2, 2)),
            _block(64, 64, (1, 1)),
            _block(64, 96, (2, 2)),
            _block(96, 96, (1, 1)),
        )
        width = 96 * BANDS // 16
        self.attention = nn.Linear(width, 1)
        self.head = nn.Sequential(
            nn.Linear(3 * width + SCALARS, 128),
            nn.SiLU(),
            nn.Dropout(0.1),
            nn.Linear(128, 2),
        )
        self.frames = nn.Sequential(nn.Conv1d(width, 32, 1), nn.SiLU())
        self.curve = nn.Conv1d(32, 1, 1)

    def forward(self, features: Features) -> Output:
        x = self.blocks(features.maps)  # (item, channel, band, frame)
        x = x.flatten(1, 2)  # (item, channel * band, frame)
        weight = torch.softmax(self.attention(x.mT), dim=1).mT  # (item, 1, frame)
        pooled = [x.mean(-1), x.std(-1), (x * weight).sum(-1), features.scalars]
        mean, log_scale = self.head(torch.cat(pooled, dim=-1)).unbind(-1)
        mean_db = CENTER_DB + SPREAD_DB * mean
        return Output(mean_db, log_scale.clamp(-2, 3), self._course(x, mean_db))

    def _course(self, x: Tensor, mean_db: Tensor) -> Tensor:
        """Deviation of each second from the whole, added to the whole."""
        around = F.avg_pool1d(
            self.frames(x),
            CURVE_FRAMES,
            stride=CURVE_STRIDE,
            padding=CURVE_FRAMES // 2,
            count_include_pad=False,
        )
        return mean_db[:, None] + SPREAD_DB * self.curve(around)[:, 0]  # (item, frame)


def curve_frames(samples: int) -> int:
    """Points of the curve for a signal of this length at 8 kHz.

    Point `i` is centered at sample `i * CURVE_HOP`.
    """
    frames = 1 + samples // HOP
    return -(-frames // (TIME_STRIDE * CURVE_STRIDE))


def _block(width: int, out: int, stride: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, stride, 1, groups=width, bias=False),
        nn.Conv2d(width, out, 1, bias=False),
        nn.BatchNorm2d(out),
        nn.SiLU(),
    )
