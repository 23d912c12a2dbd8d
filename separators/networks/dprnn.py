"""DPRNN: recurrent networks along short chunks and across them, in turn."""

from dataclasses import dataclass

from separators.networks.masking import MaskingNetwork, around
from separators.networks.torchaudio_cpu import ensure_torchaudio


@dataclass(frozen=True)
class DprnnConfig:
    """Sizes; the defaults are those of SpeechBrain's WSJ0Mix recipe."""

    architecture: str = "dprnn"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 16  # the stride is half of it
    filters: int = 256
    layers: int = 6
    chunk: int = 250  # frames


def build(config: DprnnConfig) -> MaskingNetwork:
    """Return the network with random weights.

    Source: Luo, Chen and Yoshioka, "Dual-path RNN", ICASSP 2020.
    """
    ensure_torchaudio()
    from speechbrain.lobes.models import dual_path

    def path() -> dual_path.SBRNNBlock:
        return dual_path.SBRNNBlock(
            input_size=config.filters,
            hidden_channels=config.filters,
            num_layers=1,
            dropout=0,
            bidirectional=True,
        )

    masknet = dual_path.Dual_Path_Model(
        in_channels=config.filters,
        out_channels=config.filters,
        intra_model=path(),
        inter_model=path(),
        num_layers=config.layers,
        norm="ln",
        K=config.chunk,
        num_spks=config.sources,
        skip_around_intra=True,
        linear_layer_after_inter_intra=True,
    )
    return around(
        masknet,
        kernel_size=config.kernel_size,
        filters=config.filters,
        sources=config.sources,
    )
