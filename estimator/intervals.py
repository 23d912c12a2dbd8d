"""Intervals that hold as often as they say: split conformal, by band of SI-SNR."""

import math
from typing import NamedTuple, Self

import torch
from torch import Tensor

from estimator.network import HIGH_DB, LOW_DB, Output

CENTERS_DB = (-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
REACH_DB = 4.0  # of a band, to either side of its center
FEWEST = 100  # items of a band; it borrows the nearest where it has fewer
ENDS = {"low_95": 0.025, "low_68": 0.16, "high_68": 0.84, "high_95": 0.975}
ONE_STD = 0.6827  # share of the errors that one deviation covers


class Intervals(NamedTuple):
    """Quantiles of (truth - prediction) / own scale, for each band of predictions."""

    ends: Tensor  # (end, band), in the order of ENDS
    one_std: Tensor  # (band,): of the absolute value

    @classmethod
    def measured(cls, output: Output, si_snr_db: Tensor) -> Self:
        """From items whose speakers training did not see.

        Source: Vovk, "Conditional validity of inductive conformal predictors",
        Machine Learning 92, 2013; bands overlap here so that nothing jumps.
        """
        mean_db = output.mean_db.clamp(LOW_DB, HIGH_DB)
        residual = (si_snr_db - mean_db) / output.log_scale.exp()
        bands = [residual[members(mean_db, center)] for center in CENTERS_DB]
        ends = [
            torch.stack([_end(band, share) for band in bands])
            for share in ENDS.values()
        ]
        one_std = torch.stack([_end(band.abs(), ONE_STD) for band in bands])
        return cls(torch.stack(ends), one_std)

    def around(self, output: Output) -> Tensor:
        """Deviation, then the ends within the range, (item, 1 + end), all in dB."""
        mean_db = output.mean_db.clamp(LOW_DB, HIGH_DB)
        scale = output.log_scale.exp()
        std_db = scale * _between(self.one_std, mean_db)
        ends = [mean_db + scale * _between(end, mean_db) for end in self.ends]
        within = [end.clamp(LOW_DB, HIGH_DB) for end in ends]
        return torch.stack([std_db, *within], dim=-1)


def members(mean_db: Tensor, center: float) -> Tensor:
    """Indices of the predictions in a band, or of the nearest to its center."""
    away = (mean_db - center).abs()
    within = int((away <= REACH_DB).sum())
    return away.argsort(stable=True)[: max(within, min(FEWEST, len(away)))]


def _end(values: Tensor, share: float) -> Tensor:
    """The order statistic beyond which a new value lies no more often than it may."""
    if share < 0.5:
        return -_end(-values, 1 - share)
    rank = min(len(values), math.ceil((len(values) + 1) * share))
    return values.sort().values[rank - 1]


def _between(values: Tensor, mean_db: Tensor) -> Tensor:
    """Linear between the centers of the bands, level beyond them."""
    step = CENTERS_DB[1] - CENTERS_DB[0]
    place = ((mean_db - CENTERS_DB[0]) / step).clamp(0, len(CENTERS_DB) - 1)
    left = place.floor().long().clamp(max=len(CENTERS_DB) - 2)
    return torch.lerp(values[left], values[left + 1], place - left)
