"""Speech separators behind one small contract. No Django, and torch only on `load`."""

from separators.contract import (
    ModelRefused,
    Separator,
    SeparatorInfo,
    UnknownSeparator,
    WeightsChanged,
    WeightsMissing,
)
from separators.registry import card, info, is_here, load, names

__all__ = [
    "ModelRefused",
    "Separator",
    "SeparatorInfo",
    "UnknownSeparator",
    "WeightsChanged",
    "WeightsMissing",
    "card",
    "info",
    "is_here",
    "load",
    "names",
]
