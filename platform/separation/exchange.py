"""What runs hand to the engine and what they get back; plain data, no torch."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]  # (time,), mono


class SeparationRefused(Exception):
    """A run cannot be done as asked; the message is shown to staff as it is."""


@dataclass(frozen=True)
class Input:
    """A mixture, what is to be done with it, and by which revisions."""

    samples: Samples
    sample_rate: int
    separator: str
    separator_revision: str
    estimators: dict[str, str] = field(default_factory=dict)  # name: revision
    references: list[Samples] = field(default_factory=list)  # of a synthetic mixture


@dataclass(frozen=True)
class PredictedScore:
    estimator: str
    si_snr_db: float
    std_db: float
    is_in_domain: bool
    curve_db: list[float]
    curve_rate: float  # frames per second


@dataclass(frozen=True)
class MeasuredScore:
    si_snr_db: float
    mixture_si_snr_db: float  # of the untouched mixture, same reference
    reference_source: int  # 1, 2, ...


@dataclass(frozen=True)
class SeparatedSource:
    """One estimate at the mixture's own sample rate, no gain applied."""

    samples: Samples
    is_silent: bool = False
    predicted: list[PredictedScore] = field(default_factory=list)
    measured: MeasuredScore | None = None


@dataclass(frozen=True)
class Outcome:
    sources: list[SeparatedSource]
    seconds: float  # the separator took, without loading it
    device: str


Separate = Callable[[Input], Outcome]


@dataclass(frozen=True)
class SeparatorInfo:
    """A separator of the registry; most fields as in models.Separator."""

    name: str
    title: str
    revision: str
    architecture: str
    parameters: int
    sample_rate: int
    sources: int
    training_data: str
    licence: str
    citation: str
    is_default: bool  # fully trained and shipped, so active from the start
    has_weights: bool


@dataclass(frozen=True)
class EstimatorInfo:
    name: str
    revision: str
    low_db: float
    high_db: float
