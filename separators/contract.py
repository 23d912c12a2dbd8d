"""What a separator promises, what is known of it, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Separator(Protocol):
    """Splits mixtures into a fixed number of sources."""

    name: str
    sample_rate: int  # Hz that `separate` expects
    sources: int

    def separate(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out.

        Same length, same device, no gain applied, the same answer each time. Items of
        a batch do not touch each other; a silent one gives silence.
        """
        ...


@dataclass(frozen=True)
class SeparatorInfo:
    """One separator as the registry and the site show it."""

    name: str
    title: str
    architecture: str
    parameters: int
    training_data: str
    sample_rate: int  # Hz
    sources: int
    licence: str
    citation: str
    weights_from: str  # "shipped", "none", or the repository to fetch them from
    revision: str  # of the weights: stored with each result
    sha256: str  # of the shipped weights file; empty where nothing is shipped
    is_default: bool  # offered without being asked for: ships, and fully trained
    ships: bool = False  # in the box, so it runs offline
    stage: str = ""  # of its training: "early", "middle", "final"; "" if it has none


class UnknownSeparator(KeyError):
    """No separator of that name; the message names those that exist."""

    def __str__(self) -> str:
        return str(self.args[0])


class WeightsMissing(FileNotFoundError):
    """The weights are not on this machine; the message says where to put them."""


class WeightsChanged(RuntimeError):
    """The weights on this machine are not those that the card describes."""


class ModelRefused(ValueError):
    """A model from outside breaks a rule or a limit; the message says which."""


def check_mixtures(mixtures: Tensor) -> None:
    """Refuse what no separator can split.

    Args:
        mixtures: signals, (batch, time).

    Raises:
        ValueError: if the shape, the type or a sample is not what `separate` takes.
    """
    shape = tuple(mixtures.shape)
    if mixtures.ndim != 2:
        raise ValueError(
            f"Mixtures have shape {shape}; expected (batch, time). "
            "Add a batch axis to a single mixture: mixture[None]."
        )
    if not mixtures.is_floating_point():
        raise ValueError(
            f"Mixtures are {mixtures.dtype}; expected floating point samples in "
            "[-1, 1]. Divide 16-bit samples by 32768."
        )
    if 0 in shape:
        raise ValueError(
            f"Mixtures have shape {shape}; expected at least one mixture of at least "
            "one sample. Leave empty recordings out."
        )
    if not mixtures.isfinite().all():
        bad = int((~mixtures.isfinite()).any(dim=1).sum())
        raise ValueError(
            f"{bad} of {shape[0]} mixtures hold samples that are not finite; expected "
            "numbers only. Look for NaN where the recording was decoded."
        )
