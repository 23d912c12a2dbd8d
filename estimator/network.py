"""SepQE: a small network from features to SI-SNR, its spread and its course in time.

It says of every 32 ms and of every group of bands how much of the energy is target and
how much is error. Their sums over the recording give its SI-SNR, their sums over a
second one point of the curve; a look at the whole then corrects what the parts missed.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from estimator.features import (
    BANDS,
    HOP,
    MAPS,
    RATIOS,
    SAMPLE_RATE,
    SCALARS,
    Features,
)

STRIDE = 2  # frames to one step
GROUPS = 8  # of neighboring bands
WIDTH = 128
DILATIONS = (1, 2, 4, 8)
HIDDEN = 128
CURVE_STRIDE = 8  # steps from one point of the curve to the next
CURVE_STEPS = 31  # steps under one point: 0.99 s
CURVE_HOP = HOP * STRIDE * CURVE_STRIDE  # samples
FRAME_RATE = SAMPLE_RATE / CURVE_HOP  # Hz
LOW_DB, HIGH_DB = -10.0, 30.0  # what it learns; current separators reach 27 dB
CENTER_DB, SPREAD_DB = 10.0, 10.0
DB = 10 / math.log(10)  # dB in one neper of power
SIDES = ("leakage_db", "distortion_db", "mixture_db")  # as examples measure them
TINY = 1e-9


class Output(NamedTuple):
    """Raw outputs of the network, one row per item."""

    mean_db: Tensor  # (item,)
    log_scale: Tensor  # (item,): log of the Laplace scale in dB
    curve_db: Tensor  # (item, frame)
    cells: Tensor  # (item, 2, group, step): log10 of target and error over `base`
    sides_db: Tensor  # (item, 3): `SIDES`
    summary: Tensor  # (item, HIDDEN): what the whole looked like


class Block(nn.Module):
    """A dilated convolution beside a shortcut."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(WIDTH, WIDTH, 3, padding=dilation, dilation=dilation, bias=False),
            nn.BatchNorm1d(WIDTH),
            nn.SiLU(),
            nn.Dropout(0.1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


class SepQE(nn.Module):
    """Residual convolutions over time, all bands at once, with sums for pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(MAPS * BANDS)
        self.stem = nn.Conv1d(MAPS * BANDS, WIDTH, 4, STRIDE, 1)
        self.given = nn.Linear(SCALARS, WIDTH)
        self.start = nn.Sequential(nn.BatchNorm1d(WIDTH), nn.SiLU())
        self.blocks = nn.Sequential(*(Block(dilation) for dilation in DILATIONS))
        self.cells = nn.Conv1d(WIDTH, 2 * GROUPS, 1)
        self.attention = nn.Conv1d(WIDTH, 1, 1)
        self.look = nn.Sequential(nn.Linear(3 * WIDTH + SCALARS, HIDDEN), nn.SiLU())
        self.whole = nn.Sequential(nn.Dropout(0.1), nn.Linear(HIDDEN, 2 + len(SIDES)))

    def forward(self, features: Features) -> Output:
        maps, scalars = features
        x = F.pad(self.norm(maps.flatten(1, 2)), (0, 1))  # the last step may be half
        x = self.stem(x) + self.given(scalars)[..., None]  # (item, channel, step)
        x = self.blocks(self.start(x))
        cells = self.cells(x).float().unflatten(1, (2, GROUPS)) - 1
        powers = powers_of(cells, features)  # (item, 2, step)
        weight = torch.softmax(self.attention(x), dim=-1)
        pooled = [x.mean(-1), _deviation(x), (x * weight).sum(-1), scalars]
        summary = self.look(torch.cat(pooled, dim=-1))
        correction, log_scale, *sides = self.whole(summary).unbind(-1)
        shift = SPREAD_DB * correction
        mean_db = shift + ratio_db(powers.sum(-1))
        curve_db = shift[:, None] + ratio_db(_seconds(powers))
        sides_db = CENTER_DB + SPREAD_DB * torch.stack(sides, dim=-1)
        log_scale = log_scale.clamp(-2, 3)
        return Output(mean_db, log_scale, curve_db, cells, sides_db, summary)


def base(features: Features) -> Tensor:
    """Energy of mixture and estimate in every cell, (item, group, step)."""
    profile = features.scalars[:, RATIOS:, None]
    energy = (features.maps[:, :2] + profile[:, None]).mul(math.log(10)).exp().sum(1)
    return grouped(energy)


def grouped(energy: Tensor) -> Tensor:
    """Sums over the cells, (..., band, frame) to (..., group, step)."""
    energy = energy.unflatten(-2, (GROUPS, -1)).sum(-2)  # type: ignore[no-untyped-call]
    energy = F.pad(energy, (0, energy.shape[-1] % STRIDE))
    return energy.unflatten(-1, (-1, STRIDE)).sum(-1)  # type: ignore[no-untyped-call]


def powers_of(cells: Tensor, features: Features) -> Tensor:
    """Energy of target and of error in each step, (item, 2, step)."""
    return (10**cells * base(features)[:, None]).sum(2)


def ratio_db(powers: Tensor) -> Tensor:
    """Target over error in dB, (item, 2, ...) to (item, ...)."""
    logs = DB * torch.log(powers + TINY)
    return logs[:, 0] - logs[:, 1]


def _seconds(powers: Tensor) -> Tensor:
    return F.avg_pool1d(powers, CURVE_STEPS, CURVE_STRIDE, CURVE_STEPS // 2)


def _deviation(x: Tensor) -> Tensor:
    return (x.square().mean(-1) - x.mean(-1).square()).clamp(min=1e-6).sqrt()


def curve_frames(samples: int) -> int:
    """Points of the curve for a signal of this length at 8 kHz.

    Point `i` is centered at sample `i * CURVE_HOP`.
    """
    frames = 1 + samples // HOP
    return -(-frames // (STRIDE * CURVE_STRIDE))
