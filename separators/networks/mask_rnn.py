"""Mask-RNN: a recurrent network that masks the spectrogram; it trains fast on a CPU."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

LOUDNESS_FLOOR = 1e-3  # of a mixture at unit level, before the logarithm


@dataclass(frozen=True)
class MaskRnnConfig:
    """Sizes; window and hop in samples."""

    architecture: str = "mask-rnn"
    sample_rate: int = 8000
    sources: int = 2
    window: int = 256
    hop: int = 128
    hidden: int = 208
    layers: int = 3


class MaskRnn(nn.Module):
    """One magnitude mask per source, with the phase of the mixture."""

    def __init__(self, config: MaskRnnConfig) -> None:
        super().__init__()
        self.config = config
        bins = config.window // 2 + 1
        self.window: Tensor
        self.register_buffer("window", torch.hann_window(config.window), False)
        self.norm = nn.LayerNorm(bins)
        self.recurrent = nn.LSTM(  # half the time of a GRU on a CPU
            bins, config.hidden, config.layers, batch_first=True, bidirectional=True
        )
        self.masks = nn.Linear(2 * config.hidden, config.sources * bins)

    def forward(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out."""
        batch, samples = mixtures.shape
        shape = (self.config.window, self.config.hop)
        tail = self.config.window  # the transform reflects the edges
        padded = nn.functional.pad(mixtures, (tail, tail))
        spectrum = torch.stft(
            padded, *shape, window=self.window, return_complex=True
        )  # (batch, bin, frame)
        loudness = torch.log(spectrum.abs() + LOUDNESS_FLOOR).transpose(1, 2)
        hidden, _ = self.recurrent(self.norm(loudness))
        masks = torch.sigmoid(
            self.masks(hidden).float()
        )  # (batch, frame, source * bin)
        masks = masks.reshape(batch, masks.shape[1], self.config.sources, -1)
        masks = masks.permute(0, 2, 3, 1)  # (batch, source, bin, frame)
        masked = (masks * spectrum[:, None]).flatten(0, 1)
        estimates = torch.istft(
            masked, *shape, window=self.window, length=samples + 2 * tail
        )
        return estimates[:, tail : tail + samples].reshape(batch, -1, samples)


def build(config: MaskRnnConfig) -> MaskRnn:
    """Return the network with random weights.

    Source: Kolbaek et al., "Multitalker speech separation with utterance-level
    permutation invariant training", IEEE/ACM TASLP 2017.
    """
    return MaskRnn(config)
