"""RE-SepFormer: transformers within chunks, and one over a summary of each chunk."""

from dataclasses import dataclass

from separators.networks.masking import MaskingNetwork, around
from separators.networks.torchaudio_cpu import ensure_torchaudio


@dataclass(frozen=True)
class ResepformerConfig:
    """Sizes; the defaults are those of SpeechBrain's published model."""

    architecture: str = "resepformer"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 16  # the stride is half of it
    filters: int = 128
    repeats: int = 2
    layers: int = 8  # of each transformer
    heads: int = 8
    feed_forward: int = 1024
    chunk: int = 150  # frames


def build(config: ResepformerConfig) -> MaskingNetwork:
    """Return the network with random weights.

    Source: Della Libera et al., "Resource-efficient separation Transformer",
    ICASSP 2024.
    """
    ensure_torchaudio()
    from speechbrain.lobes.models import resepformer

    def path() -> resepformer.SBTransformerBlock_wnormandskip:
        return resepformer.SBTransformerBlock_wnormandskip(
            num_layers=config.layers,
            d_model=config.filters,
            nhead=config.heads,
            d_ffn=config.feed_forward,
            dropout=0.0,
            use_positional_encoding=True,
            norm_before=True,
            use_norm=True,
            use_skip=True,
        )

    masknet = resepformer.ResourceEfficientSeparator(
        input_dim=config.filters,
        causal=False,
        num_spk=config.sources,
        layer=config.repeats,
        unit=256,  # of a recurrent segment model only, which this has not
        segment_size=config.chunk,
        mem_type="av",
        seg_model=path(),
        mem_model=path(),
    )
    return around(
        masknet,
        kernel_size=config.kernel_size,
        filters=config.filters,
        sources=config.sources,
    )
