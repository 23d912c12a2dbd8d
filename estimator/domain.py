"""Whether a mixture with its estimate looks like those the estimator learned from."""

from typing import NamedTuple, Self

import torch
from torch import Tensor

from estimator.features import Features

KEPT = 0.995  # share of unseen training-like items that count as in domain
SHRINKAGE = 0.05  # towards the diagonal
PROFILE_BANDS = 4  # mel bands averaged into one coarse band of the mixture


class Domain(NamedTuple):
    """A center, its spread and the largest distance still called familiar."""

    mean: Tensor  # (figure,)
    precision: Tensor  # (figure, figure)
    limit: Tensor  # ()

    @classmethod
    def around(cls, features: Features) -> Self:
        """The domain of these items: Mahalanobis distance of their fingerprints."""
        figures = fingerprint(features)
        mean = figures.mean(0)
        covariance = torch.cov(figures.T)
        variance = covariance.diagonal().diag()
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * variance
        precision = torch.linalg.inv(covariance.double()).float()
        limit = torch.quantile(_distance(figures, mean, precision), KEPT)
        return cls(mean, precision, limit)

    def holds(self, features: Features) -> Tensor:
        """Whether each item is within the limit, (item,)."""
        distance = _distance(fingerprint(features), self.mean, self.precision)
        return distance <= self.limit


def fingerprint(features: Features) -> Tensor:
    """Coarse figures that do not depend on the network, (item, figure)."""
    maps = features.maps
    bands = maps[:, 0].mean(-1)  # (item, band)
    profile = bands.reshape(len(bands), -1, PROFILE_BANDS).mean(-1)
    level, spread = maps.mean((2, 3)), maps.std((2, 3))
    return torch.cat([level, spread, profile, features.scalars], dim=-1)


def _distance(figures: Tensor, mean: Tensor, precision: Tensor) -> Tensor:
    away = figures - mean
    return ((away @ precision) * away).sum(-1).clamp(min=0).sqrt()
