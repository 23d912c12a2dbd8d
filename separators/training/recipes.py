"""How the shipped baselines are trained: sizes, and what suits each network."""

from dataclasses import dataclass, field
from typing import Any

from separators import registry
from separators.networks import architectures
from separators.training.trainer import TrainingPlan


@dataclass(frozen=True)
class Recipe:
    """Sizes of a network, and the plan that trains it well on two CPU cores."""

    title: str
    config: dict[str, Any]
    plan: dict[str, Any] = field(default_factory=dict)


_SMALL_DPRNN = {
    "architecture": "dprnn",
    "kernel_size": 32,
    "filters": 64,
    "layers": 3,
    "chunk": 50,
}
_SMALL_SEPFORMER = {
    "architecture": "sepformer",
    "kernel_size": 32,
    "filters": 64,
    "repeats": 2,
    "layers": 2,
    "heads": 4,
    "feed_forward": 256,
    "chunk": 50,
}

RECIPES = {
    "convtasnet-small": Recipe(
        "Conv-TasNet, small",
        {"architecture": "conv-tasnet"},
        {"minutes": 60.0, "batch": 4, "learning_rate": 1.5e-3},
    ),
    "dprnn-small": Recipe("DPRNN, small", _SMALL_DPRNN, {"minutes": 50.0}),
    "sepformer-small": Recipe(
        "SepFormer, small", _SMALL_SEPFORMER, {"minutes": 50.0, "learning_rate": 7e-4}
    ),
    "mask-lstm": Recipe(
        "Mask-LSTM", {"architecture": "mask-rnn"}, {"minutes": 70.0, "batch": 8}
    ),
    "mask-lstm-3": Recipe(
        "Mask-LSTM, three speakers",
        {"architecture": "mask-rnn", "sources": 3},
        {"minutes": 30.0, "batch": 8},
    ),
}


def plan_of(name: str, **wanted: Any) -> TrainingPlan:
    """Return the plan of a recipe, or the usual one; what is given (not None) wins."""
    recipe = RECIPES.get(name)
    given = {key: value for key, value in wanted.items() if value is not None}
    return TrainingPlan(**((recipe.plan if recipe else {}) | given))


def configuration(name: str) -> architectures.Config:
    """Return the sizes of a recipe, an architecture or a shipped separator.

    Raises:
        UnknownSeparator: if the name is none of them.
    """
    if name in RECIPES:
        return architectures.read_config(RECIPES[name].config)
    if name in architectures.ARCHITECTURES:
        return architectures.read_config({"architecture": name})
    about = registry.info(name)
    values = registry.card(name).get("config", {"architecture": about.architecture})
    return architectures.read_config(values)
