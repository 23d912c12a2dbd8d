"""Shipped weights: what is loaded, and what is refused with a remedy."""

import hashlib
import json
import pickle
from pathlib import Path

import pytest
import torch

from separators import WeightsChanged, WeightsMissing, weights
from separators.networks import architectures
from tests.separators.tiny import tiny_config

MIXTURES = torch.randn(1, 4000, generator=torch.Generator().manual_seed(0))


class Touch:
    """Unpickled by a careless loader, this would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def network_of(seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    return architectures.build(tiny_config("sepformer")).eval()


def output(network: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        estimates: torch.Tensor = network(MIXTURES)
    return estimates


def test_saved_weights_come_back_in_half_precision(tmp_path: Path) -> None:
    theirs, ours = network_of(seed=1), network_of(seed=2)
    path = tmp_path / "mine.safetensors"
    weights.save(theirs, path, config=tiny_config("sepformer"), card={"title": "Mine"})
    card = json.loads(path.with_suffix(".json").read_text())
    weights.fill_shipped(ours, path, sha256=card["sha256"])
    torch.testing.assert_close(output(ours), output(theirs), rtol=0.05, atol=1e-3)
    assert architectures.read_config(card["config"]) == tiny_config("sepformer")
    assert card["title"] == "Mine"


def test_weights_that_differ_from_their_card_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    weights.save(network_of(1), path, config=tiny_config("sepformer"), card={})
    with pytest.raises(WeightsChanged, match="its card says 000000000000..."):
        weights.fill_shipped(network_of(2), path, sha256="0" * 64)


def test_a_card_without_its_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="Restore the file from the repository"):
        weights.fill_shipped(network_of(2), tmp_path / "x.safetensors", sha256="")


def saved(folder: Path) -> Path:
    path = folder / "mine.safetensors"
    weights.save(network_of(1), path, config=tiny_config("sepformer"), card={})
    return path


def refused(path: Path, message: str) -> None:
    """Even where the card has been made to agree with the file."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(WeightsChanged, match=message) as refusal:
        weights.fill_shipped(network_of(2), path, sha256=sha256)
    assert str(path) in str(refusal.value)


def test_truncated_weights_are_refused_by_name(tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    refused(path, "does not hold the weights of this network")


def test_empty_weights_are_refused_by_name(tmp_path: Path) -> None:
    path = saved(tmp_path)
    path.write_bytes(b"")
    refused(path, "expected safetensors as its card says")


def test_weights_that_would_run_code_are_refused_unopened(tmp_path: Path) -> None:
    path, bait = saved(tmp_path), tmp_path / "touched"
    path.write_bytes(pickle.dumps(Touch(bait)))
    refused(path, "expected safetensors as its card says")
    torch.save(Touch(bait), path)
    refused(path, "expected safetensors as its card says")
    assert not bait.exists()


def test_oversized_weights_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = saved(tmp_path)
    with path.open("ab") as file:
        file.truncate(9_000_000)
    with pytest.raises(
        WeightsChanged, match=r"has 9\.0 MB; expected at most .*Restore"
    ):
        weights.fill_shipped(network_of(2), path, sha256="")


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path)
    torch.manual_seed(0)
    other = architectures.build(tiny_config("dprnn"))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(WeightsChanged, match="does not hold the weights of this net"):
        weights.fill_shipped(other, path, sha256=sha256)
