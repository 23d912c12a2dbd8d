"""The frame that all encoder-mask-decoder networks share."""

from torch import Tensor, nn

from separators.networks.torchaudio_cpu import ensure_torchaudio


class MaskingNetwork(nn.Module):
    """Encode, multiply by one mask per source, decode; the length is kept.

    `pads_edges` gives the first and last samples as many frames as the others; without
    it the output is that of SpeechBrain's own `separate_batch`, frame by frame.
    """

    def __init__(
        self,
        *,
        encoder: nn.Module,
        masknet: nn.Module,
        decoder: nn.Module,
        kernel_size: int,
        sources: int,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.masknet = masknet
        self.decoder = decoder
        self.kernel_size = kernel_size
        self.sources = sources
        self.pads_edges = True

    def forward(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out."""
        batch, samples = mixtures.shape
        stride = self.kernel_size // 2
        lead = stride if self.pads_edges else 0
        tail = lead + stride - samples % stride if self.pads_edges else 0
        padded = nn.functional.pad(mixtures, (lead, tail))
        features = self.encoder(padded)  # (batch, feature, frame)
        masks = self.masknet(features)  # (source, batch, feature, frame)
        masked = (masks * features).transpose(0, 1).flatten(0, 1)
        decoded: Tensor = self.decoder(masked)  # (batch * source, time)
        estimates = decoded.reshape(batch, self.sources, -1)
        missing = max(0, lead + samples - estimates.shape[-1])
        return nn.functional.pad(estimates, (0, missing))[..., lead : lead + samples]


def around(
    masknet: nn.Module, *, kernel_size: int, filters: int, sources: int
) -> MaskingNetwork:
    """A mask network between SpeechBrain's learned encoder and decoder.

    Args:
        masknet: (batch, feature, frame) to (source, batch, feature, frame).
    """
    ensure_torchaudio()
    from speechbrain.lobes.models import dual_path

    return MaskingNetwork(
        encoder=dual_path.Encoder(kernel_size, filters),
        masknet=masknet,
        decoder=dual_path.Decoder(
            in_channels=filters,
            out_channels=1,
            kernel_size=kernel_size,
            stride=kernel_size // 2,
            bias=False,
        ),
        kernel_size=kernel_size,
        sources=sources,
    )
