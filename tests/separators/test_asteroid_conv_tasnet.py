"""Asteroid's Conv-TasNet: its names, its masks against torchaudio's, its edges."""

import pytest
import torch

from separators.networks import architectures
from separators.networks.asteroid_conv_tasnet import (
    AsteroidConvTasNet,
    AsteroidConvTasNetConfig,
)
from separators.networks.torchaudio_cpu import ensure_torchaudio

TINY = AsteroidConvTasNetConfig(
    kernel_size=16, filters=16, bottleneck=8, hidden=12, skip=8, blocks=3, repeats=2
)


def network_of(config: AsteroidConvTasNetConfig = TINY) -> AsteroidConvTasNet:
    torch.manual_seed(0)
    network = architectures.build(config)
    assert isinstance(network, AsteroidConvTasNet)
    with torch.no_grad():
        for parameter in network.parameters():  # norms, too, must tell their channels
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network.eval()


def test_parameters_have_the_names_of_asteroid() -> None:
    names = list(network_of().state_dict())
    assert names[:5] == [
        "encoder.filterbank._filters",
        "masker.bottleneck.0.gamma",
        "masker.bottleneck.0.beta",
        "masker.bottleneck.1.weight",
        "masker.bottleneck.1.bias",
    ]
    assert [n for n in names if n.startswith("masker.TCN.5.")] == [
        f"masker.TCN.5.{layer}"
        for layer in [
            "shared_block.0.weight",
            "shared_block.0.bias",
            "shared_block.1.weight",
            "shared_block.2.gamma",
            "shared_block.2.beta",
            "shared_block.3.weight",
            "shared_block.3.bias",
            "shared_block.4.weight",
            "shared_block.5.gamma",
            "shared_block.5.beta",
            "res_conv.weight",
            "res_conv.bias",
            "skip_conv.weight",
            "skip_conv.bias",
        ]
    ]
    assert names[-4:] == [
        "masker.mask_net.0.weight",
        "masker.mask_net.1.weight",
        "masker.mask_net.1.bias",
        "decoder.filterbank._filters",
    ]


@torch.no_grad()
def test_masks_are_those_of_torchaudio_with_the_same_weights() -> None:
    ensure_torchaudio()
    from torchaudio.models.conv_tasnet import MaskGenerator

    masker = network_of().masker
    reference = MaskGenerator(
        input_dim=TINY.filters,
        num_sources=TINY.sources,
        kernel_size=TINY.block_kernel,
        num_feats=TINY.bottleneck,
        num_hidden=TINY.hidden,
        num_layers=TINY.blocks,
        num_stacks=TINY.repeats,
        msk_activate="relu",
    )
    weights = [  # torchaudio leaves out what leads nowhere, and keeps the order
        parameter for parameter in masker.parameters() if parameter.requires_grad
    ]
    for theirs, ours in zip(reference.parameters(), weights, strict=True):
        theirs.copy_(ours)
    features = torch.randn(2, TINY.filters, 50)
    torch.testing.assert_close(masker(features), reference(features))


@torch.no_grad()
@pytest.mark.parametrize("samples", [16, 160, 163])
def test_with_open_masks_and_plain_filters_the_mixture_comes_back(samples: int) -> None:
    network = network_of()
    network.encoder.filters.copy_(torch.eye(16)[:, None])
    network.decoder.filters.copy_(torch.eye(16)[:, None])
    mask = network.masker.mask_net[1]
    assert isinstance(mask, torch.nn.Conv1d) and mask.bias is not None
    mask.weight.zero_()
    mask.bias.copy_(torch.tensor([1.0, -1.0]).repeat_interleave(16))  # first, second
    mixtures = torch.randn(2, samples)
    estimates = network(mixtures)
    heard = torch.full((samples,), 2.0)  # each sample lies in two frames,
    heard[:8] = 1.0  # the first ones in one
    heard[(samples + 7) // 8 * 8 - 8 :] = 1.0  # and the last ones
    torch.testing.assert_close(estimates[:, 0], heard * mixtures)
    assert not estimates[:, 1].any()
