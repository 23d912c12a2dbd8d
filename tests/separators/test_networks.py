"""The networks: every parameter learns, sizes come from cards."""

import json
from functools import cache

import pytest
import torch

from separators.networks import architectures
from separators.shelf import SHELF
from tests.separators.tiny import TINY, tiny_config


@pytest.mark.parametrize("architecture", TINY)
def test_every_parameter_learns(architecture: str) -> None:
    torch.manual_seed(0)
    network = architectures.build(tiny_config(architecture))
    network(torch.randn(2, 4000)).square().mean().backward()
    learning = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
    assert [name for name, p in learning if p.grad is None] == []


IN_TORCH = [name for name, entry in SHELF.items() if not entry.is_onnx]


@cache
def network_of(architecture: str, sizes: str) -> torch.nn.Module:
    config = architectures.read_config(
        {"architecture": architecture, **json.loads(sizes)}
    )
    return architectures.build(config)


@pytest.mark.parametrize("name", IN_TORCH)
def test_published_sizes_are_those_of_the_network(name: str) -> None:
    entry = SHELF[name]
    sizes = json.dumps({**entry.sizes, "sources": entry.sources})
    network = network_of(entry.architecture, sizes)
    assert sum(p.numel() for p in network.parameters()) == entry.parameters
    for part, file in entry.files.items():
        tensors = network.get_submodule(part).state_dict().values()
        megabytes = sum(t.numel() * t.element_size() for t in tensors) / 1e6
        assert megabytes < file.most_mb < 1.2 * megabytes + 2


@pytest.mark.parametrize(
    ("name", "part", "published_bytes"),
    [
        ("sepformer-wsj02mix", "masknet", 113_108_458),  # as its Git LFS pointer says
        ("realm-sepformer1", "encoder", 17_272),
        ("torchaudio-convtasnet-libri2mix", "conv_tasnet", 20_049_107),
        ("asteroid-convtasnet-libri2mix-16k", "", 20_394_640),
    ],
)
def test_weights_take_the_bytes_of_the_published_file(
    name: str, part: str, published_bytes: int
) -> None:
    entry = SHELF[name]
    sizes = json.dumps({**entry.sizes, "sources": entry.sources})
    network = network_of(entry.architecture, sizes)
    tensors = list(network.get_submodule(part).state_dict().values())
    numbers = sum(t.numel() * t.element_size() for t in tensors)
    assert 0 < published_bytes - numbers < 700 * len(tensors) + 1_000


def test_an_unknown_architecture_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'wavenet' is unknown; expected one of conv-"):
        architectures.read_config({"architecture": "wavenet"})


def test_an_unknown_size_is_refused_by_naming_it() -> None:
    with pytest.raises(ValueError, match="mask-rnn has no depth; expected some of"):
        architectures.read_config({"architecture": "mask-rnn", "depth": 3})
