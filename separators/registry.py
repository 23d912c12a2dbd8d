"""Which separators there are, by name. Importing it does not import torch."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from separators.contract import Separator, SeparatorInfo, UnknownSeparator
from separators.published import LEVELS, PUBLISHED

if TYPE_CHECKING:
    import torch

SHIPPED = Path(__file__).parent / "weights"
UNFINISHED = ("early", "middle")  # kept to train estimators on, not to be offered

IDENTITY = SeparatorInfo(
    name="identity",
    title="Mixture, unchanged",
    architecture="none",
    parameters=0,
    training_data="none",
    sample_rate=8000,
    sources=2,
    licence="Apache-2.0",
    citation="",
    weights_from="none",
    revision="1",
    sha256="",
    is_default=True,
    ships=True,
)


def names() -> list[str]:
    """Return the names of all separators, those that run offline first."""
    return list(_infos())


def info(name: str) -> SeparatorInfo:
    """Return what is known of a separator.

    Raises:
        UnknownSeparator: if there is none of that name.
    """
    known = _infos()
    if name not in known:
        raise UnknownSeparator(
            f"There is no separator {name!r}; expected one of {', '.join(known)}. "
            "Correct the name, or put its card into separators/weights."
        )
    return known[name]


def card(name: str) -> dict[str, Any]:
    """Return the model card of a shipped separator: training, figures, thanks."""
    path = SHIPPED / f"{info(name).name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def load(
    name: str,
    device: str | torch.device = "cpu",
    *,
    weights_dir: Path | None = None,
) -> Separator:
    """Return a separator that is ready to run.

    Args:
        name: one of `names()`.
        device: where its network runs, as torch names it.
        weights_dir: folder of published weights, one folder each; by default the
            environment's WEIGHTS_DIR, else var/weights.

    Raises:
        UnknownSeparator: if there is none of that name.
        WeightsMissing: if its weights are not on this machine.
    """
    about = info(name)
    if about.architecture == "none":
        from separators.identity import Identity

        return Identity(about.name, about.sample_rate, about.sources)
    return _load_network(about, device, weights_dir)


def _load_network(
    about: SeparatorInfo, device: str | torch.device, weights_dir: Path | None
) -> Separator:
    from separators import weights
    from separators.network_separator import NetworkSeparator
    from separators.networks import architectures

    published = about.name in PUBLISHED
    values = card(about.name).get("config", {"architecture": about.architecture})
    network = architectures.build(architectures.read_config(values))
    if published:
        folder = weights.folder_of(about.name, weights_dir)
        weights.fill_published(network, folder, info=about)
    else:
        path = SHIPPED / f"{about.name}.safetensors"
        weights.fill_shipped(network, path, sha256=about.sha256)
    return NetworkSeparator(
        network,
        name=about.name,
        sample_rate=about.sample_rate,
        sources=about.sources,
        level=LEVELS.get(about.name, 1.0),
        restores_levels=published,
        device=device,
    )


@cache
def _infos() -> dict[str, SeparatorInfo]:
    cards = [shipped(path) for path in sorted(SHIPPED.glob("*.json"))]
    return {about.name: about for about in [IDENTITY, *cards, *PUBLISHED.values()]}


def shipped(path: Path) -> SeparatorInfo:
    """Return what the card of a shipped separator tells."""
    card = json.loads(path.read_text())
    stage = card.get("stage", "")
    return SeparatorInfo(
        name=path.stem,
        title=card["title"],
        architecture=card["config"]["architecture"],
        parameters=card["parameters"],
        training_data=card["training_data"],
        sample_rate=card["config"]["sample_rate"],
        sources=card["config"]["sources"],
        licence=card["licence"],
        citation=card["citation"],
        weights_from="shipped",
        revision=card["sha256"][:12],
        sha256=card["sha256"],
        is_default=stage not in UNFINISHED,
        ships=True,
        stage=stage,
    )
