"""SepFormer: transformers along short chunks and across them, in turn."""

from dataclasses import dataclass

from separators.networks.masking import MaskingNetwork, around
from separators.networks.torchaudio_cpu import ensure_torchaudio


@dataclass(frozen=True)
class SepFormerConfig:
    """Sizes; the defaults are those of SpeechBrain's published 8 kHz models."""

    architecture: str = "sepformer"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 16  # the stride is half of it
    filters: int = 256
    repeats: int = 2
    layers: int = 8  # of each transformer
    heads: int = 8
    feed_forward: int = 1024
    chunk: int = 250  # frames


def build(config: SepFormerConfig) -> MaskingNetwork:
    """Return the network with random weights.

    Source: Subakan et al., "Attention is all you need in speech separation",
    ICASSP 2021.
    """
    ensure_torchaudio()
    from speechbrain.lobes.models import dual_path

    def path() -> dual_path.SBTransformerBlock:
        return dual_path.SBTransformerBlock(
            num_layers=config.layers,
            d_model=config.filters,
            nhead=config.heads,
            d_ffn=config.feed_forward,
            dropout=0.0,
            use_positional_encoding=True,
            norm_before=True,
        )

    masknet = dual_path.Dual_Path_Model(
        in_channels=config.filters,
        out_channels=config.filters,
        intra_model=path(),
        inter_model=path(),
        num_layers=config.repeats,
        norm="ln",
        K=config.chunk,
        num_spks=config.sources,
        skip_around_intra=True,
        linear_layer_after_inter_intra=False,
    )
    return around(
        masknet,
        kernel_size=config.kernel_size,
        filters=config.filters,
        sources=config.sources,
    )
