"""Conv-TasNet as torchaudio has it: with the skip connections of the paper."""

from dataclasses import dataclass

from torch import Tensor, nn

from separators.networks.torchaudio_cpu import ensure_torchaudio


@dataclass(frozen=True)
class TorchaudioConvTasNetConfig:
    """Sizes, with the paper's letters; the defaults are `conv_tasnet_base`."""

    architecture: str = "torchaudio-conv-tasnet"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 16  # L
    filters: int = 512  # N
    bottleneck: int = 128  # B
    hidden: int = 512  # H
    block_kernel: int = 3  # P
    blocks: int = 8  # X
    repeats: int = 3  # R


class TorchaudioConvTasNet(nn.Module):
    """torchaudio's network, taking mixtures without a channel axis."""

    def __init__(self, conv_tasnet: nn.Module) -> None:
        super().__init__()
        self.conv_tasnet = conv_tasnet

    def forward(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out."""
        estimates: Tensor = self.conv_tasnet(mixtures[:, None])
        return estimates


def build(config: TorchaudioConvTasNetConfig) -> TorchaudioConvTasNet:
    """Return the network with random weights.

    Source: Luo and Mesgarani, "Conv-TasNet", IEEE/ACM TASLP 2019.
    """
    ensure_torchaudio()
    from torchaudio.models import ConvTasNet

    return TorchaudioConvTasNet(
        ConvTasNet(
            num_sources=config.sources,
            enc_kernel_size=config.kernel_size,
            enc_num_feats=config.filters,
            msk_kernel_size=config.block_kernel,
            msk_num_feats=config.bottleneck,
            msk_num_hidden_feats=config.hidden,
            msk_num_layers=config.blocks,
            msk_num_stacks=config.repeats,
            msk_activate="relu",
        )
    )
