"""Counts multiply-accumulates, those of recurrent layers too."""

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def count_macs(call: Callable[[], object], network: nn.Module) -> int:
    """Return the multiply-accumulates of all products while `call` runs.

    Products of matrices, convolutions, attention and recurrent layers count; sums,
    norms, activations and Fourier transforms do not, as in most papers.

    Args:
        network: whose recurrent layers are counted by formula; PyTorch's counter
            does not see into their fused kernels, or only on some devices.
    """
    counter = FlopCounterMode(display=False, custom_mapping=_attention_on_cpu())
    recurrent = _Recurrent(counter)
    with counter:
        handles = recurrent.watch(network)
        try:
            call()
        finally:
            for handle in handles:
                handle.remove()
    return counter.get_total_flops() // 2 + recurrent.macs


def recurrent_macs(layer: nn.RNNBase, steps: int) -> int:
    """Return the multiply-accumulates of a recurrent layer over `steps` inputs.

    Each gate multiplies the input and the last output by a matrix of its own; a
    projection, if there is one, follows. Biases are sums.

    Args:
        steps: items of the batch times their frames.
    """
    directions = 2 if layer.bidirectional else 1
    given_back = layer.proj_size or layer.hidden_size
    total, entering = 0, layer.input_size
    for _ in range(layer.num_layers):
        width = layer.hidden_size
        gates = GATES[layer.mode] * width * (entering + given_back)
        total += directions * (gates + width * layer.proj_size)
        entering = directions * given_back
    return steps * total


class _Recurrent:
    """Takes out what the counter saw inside recurrent layers, adds what is there."""

    def __init__(self, counter: FlopCounterMode) -> None:
        self.macs = 0
        self._counter = counter
        self._before = 0

    def watch(self, network: nn.Module) -> list[Any]:
        layers = [m for m in network.modules() if isinstance(m, nn.RNNBase)]
        return [
            handle
            for layer in layers
            for handle in (
                layer.register_forward_pre_hook(self._enter),
                layer.register_forward_hook(self._leave),
            )
        ]

    def _enter(self, layer: nn.Module, given: tuple[Tensor, ...]) -> None:
        self._before = self._counter.get_total_flops()

    def _leave(self, layer: Any, given: tuple[Any, ...], _: object) -> None:
        seen = (self._counter.get_total_flops() - self._before) // 2
        frames = getattr(given[0], "data", given[0])  # of a packed sequence, too
        steps = frames.numel() // layer.input_size
        self.macs += recurrent_macs(layer, steps) - seen


def _attention_on_cpu() -> dict[Any, Any]:
    """The one fused kernel that PyTorch's counter has no formula for."""

    def flops(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
        frames, heard = query[-2], key[-2]
        return 2 * prod(query[:-2]) * frames * heard * (query[-1] + value[-1])

    return {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: flops}
