"""Conv-TasNet: learned filters and a stack of dilated convolutions."""

from dataclasses import dataclass

from separators.networks.masking import MaskingNetwork, around
from separators.networks.torchaudio_cpu import ensure_torchaudio


@dataclass(frozen=True)
class ConvTasNetConfig:
    """Sizes, with the paper's letters in the comments."""

    architecture: str = "conv-tasnet"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 32  # L; the stride is half of it
    filters: int = 128  # N
    bottleneck: int = 64  # B
    hidden: int = 128  # H
    block_kernel: int = 3  # P
    blocks: int = 7  # X: dilation doubles with each
    repeats: int = 2  # R
    norm: str = "gLN"


def build(config: ConvTasNetConfig) -> MaskingNetwork:
    """Return the network with random weights.

    SpeechBrain's own conv_tasnet Encoder and Decoder do not fit its MaskNet (other
    axis order); the dual-path ones do.
    Source: Luo and Mesgarani, "Conv-TasNet", IEEE/ACM TASLP 2019.
    """
    ensure_torchaudio()
    from speechbrain.lobes.models import conv_tasnet

    masknet = conv_tasnet.MaskNet(
        N=config.filters,
        B=config.bottleneck,
        H=config.hidden,
        P=config.block_kernel,
        X=config.blocks,
        R=config.repeats,
        C=config.sources,
        norm_type=config.norm,
        causal=False,
        mask_nonlinear="relu",
    )
    return around(
        masknet,
        kernel_size=config.kernel_size,
        filters=config.filters,
        sources=config.sources,
    )
