"""The networks: every parameter learns, sizes come from cards."""

import pytest
import torch

from separators import registry
from separators.networks import architectures
from separators.published import PUBLISHED
from tests.separators.tiny import TINY, tiny_config


@pytest.mark.parametrize("architecture", TINY)
def test_every_parameter_learns(architecture: str) -> None:
    torch.manual_seed(0)
    network = architectures.build(tiny_config(architecture))
    network(torch.randn(2, 4000)).square().mean().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None]
    assert idle == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_sizes_are_those_of_the_network(name: str) -> None:
    about = registry.info(name)
    with torch.device("meta"):
        network = architectures.build(
            architectures.read_config({"architecture": about.architecture})
        )
    assert sum(p.numel() for p in network.parameters()) == about.parameters


def test_an_unknown_architecture_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'wavenet' is unknown; expected one of conv-"):
        architectures.read_config({"architecture": "wavenet"})


def test_an_unknown_size_is_refused_by_naming_it() -> None:
    with pytest.raises(ValueError, match="mask-rnn has no depth; expected some of"):
        architectures.read_config({"architecture": "mask-rnn", "depth": 3})
