"""Conv-TasNet as asteroid has it: its names of parameters, its norms, its edges."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class AsteroidConvTasNetConfig:
    """Sizes, with the paper's letters; the defaults are those of Libri2Mix, 8 kHz."""

    architecture: str = "asteroid-conv-tasnet"
    sample_rate: int = 8000
    sources: int = 2
    kernel_size: int = 16  # L; the stride is half of it
    filters: int = 512  # N
    bottleneck: int = 128  # B
    hidden: int = 512  # H
    skip: int = 128  # Sc
    block_kernel: int = 3  # P
    blocks: int = 8  # X: dilation doubles with each
    repeats: int = 3  # R


class AsteroidConvTasNet(nn.Module):
    """Free filters around a masker; a mask for each source, never negative.

    A mixture that does not end with a frame is padded with silence to the end of one,
    where asteroid leaves out its last samples; otherwise the output is asteroid's.
    """

    def __init__(self, config: AsteroidConvTasNetConfig) -> None:
        super().__init__()
        self.kernel_size = config.kernel_size
        self.stride = config.kernel_size // 2
        self.encoder = Coder(config)
        self.masker = Masker(config)
        self.decoder = Coder(config)

    def forward(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out."""
        samples = mixtures.shape[1]
        over = samples - self.kernel_size
        tail = -over if over < 0 else -over % self.stride
        padded = nn.functional.pad(mixtures, (0, tail))
        features = nn.functional.conv1d(
            padded[:, None], self.encoder.filters, stride=self.stride
        )
        masked = self.masker(features) * features[:, None]
        decoded = nn.functional.conv_transpose1d(
            masked.flatten(0, 1), self.decoder.filters, stride=self.stride
        )
        return decoded.reshape(*masked.shape[:2], -1)[..., :samples]


class Coder(nn.Module):
    """Filters that the network learns, (filter, 1, time)."""

    def __init__(self, config: AsteroidConvTasNetConfig) -> None:
        super().__init__()
        self.filterbank = nn.Module()
        filters = torch.empty(config.filters, 1, config.kernel_size)
        self.filterbank._filters = nn.Parameter(nn.init.xavier_normal_(filters))

    @property
    def filters(self) -> Tensor:
        """The filters, under the name that asteroid gave them."""
        return self.filterbank.get_parameter("_filters")


class Masker(nn.Module):
    """The temporal convolutions with the skip connections of the paper."""

    def __init__(self, config: AsteroidConvTasNetConfig) -> None:
        super().__init__()
        self.sources = config.sources
        self.bottleneck = nn.Sequential(
            GlobalNorm(config.filters),
            nn.Conv1d(config.filters, config.bottleneck, 1),
        )
        self.TCN = nn.ModuleList(
            Block(config, dilation=2**block)
            for _ in range(config.repeats)
            for block in range(config.blocks)
        )
        self.TCN[-1].get_submodule("res_conv").requires_grad_(False)  # leads nowhere
        self.mask_net = nn.Sequential(
            nn.PReLU(), nn.Conv1d(config.skip, config.sources * config.filters, 1)
        )

    def forward(self, features: Tensor) -> Tensor:
        """(batch, feature, frame) to masks, (batch, source, feature, frame)."""
        residual = self.bottleneck(features)
        skips = torch.zeros((), device=features.device)
        for block in self.TCN:
            added, skip = block(residual)
            residual, skips = residual + added, skips + skip
        masks: Tensor = self.mask_net(skips).relu()
        batch, _, frames = masks.shape
        return masks.reshape(batch, self.sources, -1, frames)


class Block(nn.Module):
    """A dilated convolution per channel between two across channels."""

    def __init__(self, config: AsteroidConvTasNetConfig, *, dilation: int) -> None:
        super().__init__()
        hidden = config.hidden
        self.shared_block = nn.Sequential(
            nn.Conv1d(config.bottleneck, hidden, 1),
            nn.PReLU(),
            GlobalNorm(hidden),
            nn.Conv1d(
                hidden,
                hidden,
                config.block_kernel,
                padding=(config.block_kernel - 1) * dilation // 2,
                dilation=dilation,
                groups=hidden,
            ),
            nn.PReLU(),
            GlobalNorm(hidden),
        )
        self.res_conv = nn.Conv1d(hidden, config.bottleneck, 1)
        self.skip_conv = nn.Conv1d(hidden, config.skip, 1)

    def forward(self, residual: Tensor) -> tuple[Tensor, Tensor]:
        """What is added to the residual, and to the skip connections."""
        shared = self.shared_block(residual)
        return self.res_conv(shared), self.skip_conv(shared)


class GlobalNorm(nn.Module):
    """gLN: zero mean and unit variance over channels and time together."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, signals: Tensor) -> Tensor:
        """(batch, channel, time) in and out."""
        return nn.functional.group_norm(signals, 1, self.gamma, self.beta, eps=1e-8)


def build(config: AsteroidConvTasNetConfig) -> AsteroidConvTasNet:
    """Return the network with random weights.

    Source: Luo and Mesgarani, "Conv-TasNet", IEEE/ACM TASLP 2019, as Pariente et al.,
    "Asteroid", Interspeech 2020 have it.
    """
    return AsteroidConvTasNet(config)
