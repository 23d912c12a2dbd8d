"""Which separators there are, by name. Importing it does not import torch."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from separators.contract import Separator, SeparatorInfo, UnknownSeparator
from separators.shelf import SHELF, pinning

if TYPE_CHECKING:
    import torch

SHIPPED = Path(__file__).parent / "weights"
ONNX = "onnx:"  # and the path of a model
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
    return [*_in_the_box(), *SHELF]


def info(name: str, *, weights_dir: Path | None = None) -> SeparatorInfo:
    """Return what is known of a separator.

    The revision of a published one may be known only once its files are in
    `weights_dir`, as `load` explains it.

    Raises:
        UnknownSeparator: if there is none of that name.
        ModelRefused: if an ONNX file breaks a rule.
    """
    if name.startswith(ONNX):
        from separators.shelf import onnx_model

        return onnx_model.about(Path(name.removeprefix(ONNX)))
    if name in SHELF:
        return pinning.info(SHELF[name], pinning.folder_of(name, weights_dir))
    if name not in _in_the_box():
        raise UnknownSeparator(
            f"There is no separator {name!r}; expected one of {', '.join(names())}. "
            "Correct the name, or put its card into separators/weights."
        )
    return _in_the_box()[name]


def is_here(name: str, *, weights_dir: Path | None = None) -> bool:
    """Say whether a separator can run on this machine without fetching anything."""
    if name not in SHELF:
        return name.startswith(ONNX) or info(name).ships
    return not pinning.missing(SHELF[name], pinning.folder_of(name, weights_dir))


def card(name: str) -> dict[str, Any]:
    """Return the model card of a shipped separator: training, figures, thanks."""
    path = SHIPPED / f"{info(name).name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def load(
    name: str,
    device: str | torch.device = "cpu",
    *,
    weights_dir: Path | None = None,
    may_fetch: bool = True,
) -> Separator:
    """Return a separator that is ready to run.

    Args:
        name: one of `names()`, or onnx:PATH for a model in a file.
        device: where its network runs, as torch names it.
        weights_dir: folder of published weights, one folder each; by default the
            environment's WEIGHTS_DIR, else var/weights.
        may_fetch: whether weights that are not there are fetched now.

    Raises:
        UnknownSeparator: if there is none of that name.
        WeightsMissing: if its weights are not on this machine, and cannot be had.
        WeightsChanged: if its weights are others than expected.
        ModelRefused: if an ONNX file breaks a rule.
    """
    if name.startswith(ONNX):
        from separators.shelf import onnx_model

        return onnx_model.load_onnx(Path(name.removeprefix(ONNX)))
    if name in SHELF:
        from separators.shelf import loading

        folder = pinning.folder_of(name, weights_dir)
        return loading.load(SHELF[name], folder, device=device, may_fetch=may_fetch)
    about = info(name)
    if about.architecture == "none":
        from separators.identity import Identity

        return Identity(about.name, about.sample_rate, about.sources)
    return _load_shipped(about, device)


def _load_shipped(about: SeparatorInfo, device: str | torch.device) -> Separator:
    from separators import weights
    from separators.network_separator import NetworkSeparator
    from separators.networks import architectures

    config = architectures.read_config(card(about.name)["config"])
    network = architectures.build(config)
    path = SHIPPED / f"{about.name}.safetensors"
    weights.fill_shipped(network, path, sha256=about.sha256)
    return NetworkSeparator(
        network,
        name=about.name,
        sample_rate=about.sample_rate,
        sources=about.sources,
        device=device,
    )


@cache
def _in_the_box() -> dict[str, SeparatorInfo]:
    cards = [shipped(path) for path in sorted(SHIPPED.glob("*.json"))]
    return {about.name: about for about in [IDENTITY, *cards]}


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
