"""Which estimators there are, by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from estimator import weights
from estimator.blind import BlindEstimator
from estimator.network import HIGH_DB, LOW_DB
from estimator.peers import dnsmos, realm, trees
from estimator.peers.projection import MixtureProjection
from estimator.prediction import DB, MOS, Estimator

DEFAULT = "default"
PEER_WEIGHTS = Path(__file__).parent / "peers" / "weights"


class EstimatorInfo(NamedTuple):
    """What is known of an estimator before it is loaded."""

    name: str
    title: str
    unit: str  # of its figures; other than dB they are no SI-SNR
    low: float  # its range, in that unit
    high: float
    licence: str
    weights_from: str  # "shipped", "none", a package, or where they are fetched from
    is_default: bool = False  # scores every run; the others are asked for by name


PEERS: dict[str, tuple[EstimatorInfo, Callable[[str], Estimator]]] = {
    info.name: (info, make)
    for info, make in (
        (
            EstimatorInfo(
                name="realm",
                title="REAL-M's estimator as published",
                unit=DB,
                low=realm.PUBLISHED_LOW_DB,
                high=realm.PUBLISHED_HIGH_DB,
                licence="Apache-2.0 as stated by its card",
                weights_from=f"{realm.REPOSITORY} at {realm.REVISION}",
            ),
            realm.published,
        ),
        (
            EstimatorInfo(
                name="dnsmos",
                title="DNSMOS P.835, overall opinion",
                unit=MOS,
                low=dnsmos.LOW,
                high=dnsmos.HIGH,
                licence="MIT as stated by package speechmos",
                weights_from="package speechmos",
            ),
            lambda device: dnsmos.Dnsmos(),
        ),
        (
            EstimatorInfo(
                name="mixture-projection",
                title="Closed form from energies and projections",
                unit=DB,
                low=LOW_DB,
                high=HIGH_DB,
                licence="Apache-2.0",
                weights_from="none",
            ),
            lambda device: MixtureProjection(),
        ),
    )
}


def names() -> list[str]:
    """Names of all estimators, the default first."""
    known = {*weights.names(), *PEERS, *_peers_trained_here()}
    return sorted(known, key=lambda name: (name != DEFAULT, name))


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
    if name in PEERS:
        return PEERS[name][0]
    card = _card(_shipped(name))
    low, high = card.get("range_db", (LOW_DB, HIGH_DB))
    return EstimatorInfo(
        name=name,
        title=card.get("title", "SepQE, trained here"),
        unit=DB,
        low=low,
        high=high,
        licence="Apache-2.0",
        weights_from="shipped",
        is_default=name == DEFAULT,
    )


def load(name: str = DEFAULT, device: str = "cpu") -> Estimator:
    """An estimator by its name, or your own by the path of its weights.

    Args:
        name: one of `names()`, or a path that ends in .safetensors.
        device: where its network runs; trees and closed forms stay on the CPU.

    Raises:
        ValueError: if there is no such estimator, or its weights cannot be had.
    """
    if name in PEERS:
        return PEERS[name][1](device)
    if name.endswith(".safetensors"):
        return _read(weights.path_of(name), device)
    info(name)
    return _read(_shipped(name), device)


def _read(path: Path, device: str) -> Estimator:
    architecture = _card(path).get("architecture")
    if architecture == realm.ARCHITECTURE:
        return realm.read(path, device)
    if architecture == trees.ARCHITECTURE:
        return trees.read(path)
    trained, revision = weights.read(path)
    return BlindEstimator(trained, name=path.stem, revision=revision, device=device)


def _peers_trained_here() -> dict[str, Path]:
    return {path.stem: path for path in PEER_WEIGHTS.glob("*.safetensors")}


def _shipped(name: str) -> Path:
    return _peers_trained_here().get(name) or weights.path_of(name)


def _card(path: Path) -> dict[str, Any]:
    card = path.with_suffix(".json")
    return json.loads(card.read_text()) if card.exists() else {}
