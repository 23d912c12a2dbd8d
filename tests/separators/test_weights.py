"""Weights: what is loaded, and what is refused with a remedy."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from separators import WeightsChanged, WeightsMissing, registry, weights
from separators.networks import architectures
from tests.separators.tiny import tiny_config

ABOUT = replace(registry.info("sepformer-whamr"), parameters=0)
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


def publish(network: torch.nn.Module, folder: Path) -> None:
    for part in weights.PARTS:
        state = getattr(network, part).state_dict()
        torch.save(state, folder / f"{part}.ckpt")


def output(network: torch.nn.Module) -> torch.Tensor:
    with torch.no_grad():
        estimates: torch.Tensor = network(MIXTURES)
    return estimates


def test_a_published_folder_gives_the_network_that_was_published(
    tmp_path: Path,
) -> None:
    theirs, ours = network_of(seed=1), network_of(seed=2)
    publish(theirs, tmp_path)
    weights.fill_published(ours, tmp_path, info=ABOUT)
    torch.testing.assert_close(output(ours), output(theirs), rtol=0, atol=0)


def test_missing_weights_name_repository_files_and_folder(tmp_path: Path) -> None:
    publish(network_of(seed=1), tmp_path)
    (tmp_path / "masknet.ckpt").unlink()
    with pytest.raises(WeightsMissing) as refusal:
        weights.fill_published(network_of(seed=2), tmp_path, info=ABOUT)
    message = str(refusal.value)
    assert message.startswith("sepformer-whamr needs masknet.ckpt in ")
    assert str(tmp_path) in message
    assert "Fetch them from https://huggingface.co/speechbrain/sepformer-whamr" in (
        message
    )
    assert "WEIGHTS_DIR" in message


def test_load_looks_into_the_given_folder(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=str(tmp_path / "sepformer-wsj02mix")):
        registry.load("sepformer-wsj02mix", weights_dir=tmp_path)


def test_load_looks_into_weights_dir_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    assert weights.folder_of("x", None) == tmp_path / "x"
    monkeypatch.delenv("WEIGHTS_DIR")
    assert weights.folder_of("x", None) == Path("var/weights/x")


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    publish(architectures.build(tiny_config("dprnn")), tmp_path)
    with pytest.raises(WeightsChanged, match="does not hold the masknet of SepFormer"):
        weights.fill_published(network_of(seed=2), tmp_path, info=ABOUT)


def test_a_checkpoint_that_would_run_code_is_refused_unopened(tmp_path: Path) -> None:
    publish(network_of(seed=1), tmp_path)
    bait = tmp_path / "touched"
    torch.save(Touch(bait), tmp_path / "encoder.ckpt")
    with pytest.raises(WeightsChanged, match="Fetch it again from"):
        weights.fill_published(network_of(seed=2), tmp_path, info=ABOUT)
    assert not bait.exists()


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
