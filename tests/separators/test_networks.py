"""The networks: the quick layers agree with SpeechBrain's, sizes come from cards."""

import pytest
import torch

from separators import architectures, conv_tasnet, registry
from separators.published import PUBLISHED
from separators.quick_layers import quicken
from tests.separators.tiny import TINY, tiny_config


def test_quick_layers_compute_what_speechbrain_computes() -> None:
    torch.manual_seed(0)
    config = tiny_config("conv-tasnet")
    assert isinstance(config, conv_tasnet.ConvTasNetConfig)
    network = conv_tasnet.build(config).eval()
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    mixtures = torch.randn(2, 4000)
    with torch.no_grad():
        before, names = network(mixtures), list(network.state_dict())
        quicken(network.masknet)
        after = network(mixtures)
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-4)
    assert list(network.state_dict()) == names


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
    with pytest.raises(ValueError, match="mask-gru has no depth; expected some of"):
        architectures.read_config({"architecture": "mask-gru", "depth": 3})
