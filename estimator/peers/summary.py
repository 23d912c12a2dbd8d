"""The maps of the estimator in 76 figures: enough for boosted trees."""

import torch
from torch import Tensor

from estimator.features import Features

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def summary(features: Features) -> Tensor:
    """Ten figures of each map and the scalars as they are, (item, figure).

    Mean, deviation, five quantiles, deviation of the frames' and of the bands' means,
    and the mean change from frame to frame.
    """
    maps = features.maps  # (item, map, band, frame)
    whole = maps.flatten(2)
    at = torch.tensor(QUANTILES, dtype=maps.dtype, device=maps.device)
    figures = [
        whole.mean(-1, keepdim=True),
        whole.std(-1, keepdim=True),
        torch.quantile(whole, at, dim=-1).movedim(0, -1),
        maps.mean(2).std(-1)[..., None],
        maps.mean(3).std(-1)[..., None],
        maps.diff(dim=-1).abs().mean((2, 3))[..., None],
    ]
    of_maps = torch.cat(figures, dim=-1).flatten(1)
    return torch.cat([of_maps, features.scalars], dim=-1)
