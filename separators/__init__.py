"""Speech separators behind one small contract. No Django, and torch only on `load`."""

from separators.contract import (
    Separator,
    SeparatorInfo,
    UnknownSeparator,
    WeightsChanged,
    WeightsMissing,
)
from separators.registry import card, info, load, names

__all__ = [
    "Separator",
    "SeparatorInfo",
    "UnknownSeparator",
    "WeightsChanged",
    "WeightsMissing",
    "card",
    "info",
    "load",
    "names",
]
