"""Multiply-accumulates, against closed forms."""

import pytest
import torch
from torch import nn

from separators.benchmark.macs import count_macs, recurrent_macs
from separators.networks import architectures
from separators.speed import as_published, fuse_attention
from tests.separators.tiny import tiny_config


def macs_of(network: nn.Module, *shape: int) -> int:
    given = torch.zeros(*shape)
    network.eval()
    with torch.no_grad():
        return count_macs(lambda: network(given), network)


def test_a_linear_layer_multiplies_each_input_with_each_output() -> None:
    assert macs_of(nn.Linear(7, 5), 3, 11, 7) == 3 * 11 * 7 * 5


def test_a_convolution_multiplies_its_kernel_at_each_place() -> None:
    network = nn.Conv1d(4, 6, kernel_size=5, stride=2, groups=2)
    places = (21 - 5) // 2 + 1
    assert macs_of(network, 3, 4, 21) == 3 * places * 6 * (4 // 2) * 5


@pytest.mark.parametrize(("kind", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)])
@pytest.mark.parametrize("directions", [1, 2])
def test_a_recurrent_layer_multiplies_input_and_state_for_each_gate(
    kind: type[nn.LSTM] | type[nn.GRU] | type[nn.RNN], gates: int, directions: int
) -> None:
    layer = kind(7, 5, 2, batch_first=True, bidirectional=directions == 2)
    first = gates * 5 * (7 + 5)
    second = gates * 5 * (directions * 5 + 5)
    assert macs_of(layer, 3, 11, 7) == 3 * 11 * directions * (first + second)


def test_a_recurrent_layer_with_a_projection_multiplies_once_more() -> None:
    layer = nn.LSTM(7, 5, proj_size=2)
    assert recurrent_macs(layer, steps=11) == 11 * (4 * 5 * (7 + 2) + 5 * 2)


def test_a_recurrent_layer_inside_a_network_is_counted_once() -> None:
    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = nn.LSTM(7, 5, batch_first=True)
            self.linear = nn.Linear(5, 2)

        def forward(self, frames: torch.Tensor) -> torch.Tensor:
            hidden, _ = self.recurrent(frames)
            estimates: torch.Tensor = self.linear(hidden)
            return estimates

    assert macs_of(Network(), 3, 11, 7) == 3 * 11 * (4 * 5 * (7 + 5) + 5 * 2)


def test_fused_attention_counts_as_much_as_speechbrains_own() -> None:
    network = architectures.build(tiny_config("sepformer")).eval()
    fused = fuse_attention(network)
    assert macs_of(fused, 1, 4000) == macs_of(as_published(fused), 1, 4000)


def test_attention_multiplies_queries_with_keys_and_weights_with_values() -> None:
    class Attention(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.scaled_dot_product_attention(x, x, x)

    batch, heads, frames, features = 3, 2, 11, 4
    found = macs_of(Attention(), batch, heads, frames, features)
    assert found == batch * heads * frames * frames * 2 * features
