"""Which estimators there are, by name."""

from typing import NamedTuple

from estimator import weights
from estimator.blind import BlindEstimator
from estimator.network import HIGH_DB, LOW_DB
from estimator.prediction import DB, Estimator

DEFAULT = "default"


class EstimatorInfo(NamedTuple):
    """What is known of an estimator before it is loaded."""

    name: str
    title: str
    unit: str  # of its figures; other than dB they are no SI-SNR
    low: float  # its range, in that unit
    high: float
    licence: str
    weights_from: str  # "shipped", "none", or where they are fetched from
    is_default: bool = False  # scores every run; the others are asked for by name


def names() -> list[str]:
    """Names of all estimators, the default first."""
    return sorted(weights.names(), key=lambda name: (name != DEFAULT, name))


def info(name: str) -> EstimatorInfo:
    """What is known of an estimator.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in names():
        raise ValueError(
            f"no estimator {name!r}; there are {', '.join(names())}, "
            "or give `load` the path of a .safetensors file that `train` wrote"
        )
    return EstimatorInfo(
        name=name,
        title="SepQE, trained here",
        unit=DB,
        low=LOW_DB,
        high=HIGH_DB,
        licence="Apache-2.0",
        weights_from="shipped",
        is_default=name == DEFAULT,
    )


def load(name: str = DEFAULT, device: str = "cpu") -> Estimator:
    """An estimator by its name, or your own by the path of its weights.

    Args:
        name: one of `names()`, or a path that ends in .safetensors.
        device: where the network runs.

    Raises:
        ValueError: if there is no such estimator.
    """
    if not name.endswith(".safetensors"):
        info(name)
    path = weights.path_of(name)
    trained, revision = weights.read(path)
    return BlindEstimator(trained, name=path.stem, revision=revision, device=device)
