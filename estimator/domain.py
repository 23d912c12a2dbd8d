"""Whether a mixture with its estimate looks like those the estimator learned from."""

from typing import NamedTuple, Self

import torch
from torch import Tensor

from estimator.features import RATIOS, Features

KEPT = 0.995  # share of unseen training-like items within each limit
SHRINKAGE = 0.05  # towards the diagonal
PROFILE_BANDS = 4  # mel bands averaged into one coarse band of the mixture


class Ellipsoid(NamedTuple):
    """A center, its spread and the largest distance still called familiar."""

    mean: Tensor  # (figure,)
    precision: Tensor  # (figure, figure)
    limit: Tensor  # ()

    @classmethod
    def around(cls, figures: Tensor) -> Self:
        """That of these items, by Mahalanobis distance, (item, figure)."""
        mean = figures.mean(0)
        covariance = torch.cov(figures.T.double())
        variance = (covariance.diagonal() + 1e-6).diag()
        covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * variance
        precision = torch.linalg.inv(covariance).float()
        limit = torch.quantile(_distance(figures, mean, precision), KEPT)
        return cls(mean, precision, limit)

    def holds(self, figures: Tensor) -> Tensor:
        """Whether each item is within the limit, (item,)."""
        return _distance(figures, self.mean, self.precision) <= self.limit


class Domain(NamedTuple):
    """What is familiar to look at, and what the network made of it."""

    look: Ellipsoid
    summary: Ellipsoid

    @classmethod
    def around(cls, features: Features, summary: Tensor) -> Self:
        """The domain of these items.

        Args:
            summary: `Output.summary` of the same items.
        """
        look = Ellipsoid.around(fingerprint(features))
        return cls(look, Ellipsoid.around(summary))

    def holds(self, features: Features, summary: Tensor) -> Tensor:
        """Whether each item is familiar in both, (item,)."""
        return self.look.holds(fingerprint(features)) & self.summary.holds(summary)


def fingerprint(features: Features) -> Tensor:
    """Coarse figures that do not depend on the network, (item, figure).

    Level and spread of each map, the spectrum of the mixture in coarse bands, how
    loudness moves and how fast, and the figures of the whole.
    """
    maps, scalars = features
    profile = scalars[:, RATIOS:].unflatten(1, (-1, PROFILE_BANDS)).mean(-1)  # type: ignore[no-untyped-call]
    heard = maps[:, 0]
    loudness = heard.mean(1)  # (item, frame)
    moves = [
        loudness.std(-1, correction=0),
        loudness.diff(dim=-1).abs().mean(-1),
        heard.diff(dim=-1).abs().mean((1, 2)),
        heard.diff(dim=-2).abs().mean((1, 2)),
    ]
    level, spread = maps.mean((2, 3)), maps.std((2, 3))
    return torch.cat(
        [level, spread, profile, torch.stack(moves, -1), scalars[:, :RATIOS]], dim=-1
    )


def _distance(figures: Tensor, mean: Tensor, precision: Tensor) -> Tensor:
    away = figures - mean
    return ((away @ precision) * away).sum(-1).clamp(min=0).sqrt()
