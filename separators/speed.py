"""Ways to run a network faster: fused attention, half precision, compilation."""

import copy
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Speed(StrEnum):
    """How far a network may leave the plain way for the sake of speed."""

    EXACT = "exact"  # 32 bits throughout
    BF16 = "bf16"  # products in bfloat16, sums and norms as autocast decides
    COMPILED = "compiled"  # bf16, and compiled: the first call of each length is slow


def runner(
    network: nn.Module, speed: Speed, device: torch.device
) -> Callable[[Tensor], Tensor]:
    """Return what runs a network at that speed: (batch, time) to estimates, 32 bits."""
    if speed is Speed.EXACT:
        return network
    run = torch.compile(network) if speed is Speed.COMPILED else network

    def halved(mixtures: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16):
            estimates: Tensor = run(mixtures)
        return estimates.float()

    return halved


class FusedAttention(nn.Module):
    """SpeechBrain's attention by PyTorch's fused kernel.

    SpeechBrain asks for the attention weights, which nobody reads, and so never gets
    the kernel that does without them.
    """

    def __init__(self, att: nn.MultiheadAttention) -> None:
        super().__init__()
        self.att = att

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, **others: Any
    ) -> tuple[Tensor, None]:
        """(batch, frame, feature) to the same; masks are not for separators."""
        if key is not query or any(mask is not None for mask in others.values()):
            raise ValueError(
                "Fused attention got a mask or several inputs; expected self-attention "
                "alone. Run this network with SpeechBrain's own attention."
            )
        batch, frames, features = query.shape
        projected = functional.linear(
            query, self.att.in_proj_weight, self.att.in_proj_bias
        )
        heads = projected.reshape(batch, frames, 3, self.att.num_heads, -1)
        q, k, v = heads.permute(2, 0, 3, 1, 4)  # each (batch, head, frame, feature)
        mixed = functional.scaled_dot_product_attention(q, k, v)
        joined = mixed.transpose(1, 2).reshape(batch, frames, features)
        return self.att.out_proj(joined), None


def fuse_attention(network: nn.Module) -> nn.Module:
    """Put the fused kernel into a network, in place; its weights keep their names."""
    _swap(network, "MultiheadAttention", lambda old: FusedAttention(old.att))
    return network


def as_published(network: nn.Module) -> nn.Module:
    """Return a copy of a network with SpeechBrain's own attention."""
    from separators.networks.torchaudio_cpu import ensure_torchaudio

    ensure_torchaudio()
    from speechbrain.nnet.attention import MultiheadAttention

    def original(fused: Any) -> nn.Module:
        attention: Any = MultiheadAttention(fused.att.num_heads, fused.att.embed_dim)
        attention.att = fused.att
        return attention

    published = copy.deepcopy(network)
    _swap(published, "FusedAttention", original)
    return published.eval()


def _swap(network: nn.Module, kind: str, replacement: Any) -> None:
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if type(child).__name__ == kind and hasattr(child, "att"):
                setattr(module, name, replacement(child))
