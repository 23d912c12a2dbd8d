"""Faster ways to run a network give what the plain way gives."""

from functools import cache

import pytest
import torch
from torch import Tensor, nn

import separators
from separators.network_separator import NetworkSeparator
from separators.networks import architectures
from separators.speed import FusedAttention, Speed, as_published, fuse_attention
from separators.training.pairing import improvement, si_snr
from tests.separators.tiny import TINY, tiny_config, tiny_separator

SAME_DB = 35.0  # SI-SNR of one result against the other


def mixtures_of(batch: int, samples: int = 8000) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.1 * torch.randn(batch, samples, generator=generator)


def attentions(network: nn.Module) -> set[str]:
    """The modules that the attention of a network comes from."""
    return {type(m).__module__ for m in network.modules() if hasattr(m, "att")}


def test_fused_attention_gives_what_speechbrains_own_gives() -> None:
    torch.manual_seed(0)
    network = architectures.build(tiny_config("sepformer")).eval()
    weights = list(network.state_dict())
    expected = network(mixtures_of(2))
    found = fuse_attention(network)(mixtures_of(2))
    scale = expected.abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * scale)
    assert list(network.state_dict()) == weights
    assert attentions(network) == {"separators.speed"}


def test_as_published_puts_speechbrains_attention_back_into_a_copy() -> None:
    separator = tiny_separator("sepformer")
    fused, published = separator.network, as_published(separator.network)
    assert attentions(published) == {"speechbrain.nnet.attention"}
    assert attentions(fused) == {"separators.speed"}
    torch.testing.assert_close(published(mixtures_of(1)), fused(mixtures_of(1)))


def test_fused_attention_refuses_a_mask() -> None:
    attention = FusedAttention(nn.MultiheadAttention(8, 2))
    frames = torch.zeros(1, 3, 8)
    with pytest.raises(ValueError, match="got a mask or several inputs"):
        attention(frames, frames, frames, attn_mask=torch.zeros(3, 3))


@pytest.mark.parametrize("architecture", TINY)
def test_bf16_gives_what_32_bits_give(architecture: str) -> None:
    exact = tiny_separator(architecture)
    faster = exact.at_speed(Speed.BF16)
    found, expected = (s.separate(mixtures_of(2)) for s in (faster, exact))
    assert found.dtype == torch.float32
    assert not torch.equal(found, expected), "it ran in 32 bits"
    assert si_snr(estimates=found, references=expected).min() > SAME_DB


@pytest.mark.speech
@pytest.mark.parametrize("name", ["convtasnet-small", "mask-lstm"])
def test_bf16_separates_speech_within_a_tenth_of_a_decibel(name: str) -> None:
    mixtures, references = development()
    exact = separators.load(name)
    assert isinstance(exact, NetworkSeparator)
    faster = exact.at_speed(Speed.BF16)
    found, expected = (
        improvement(mixtures, s.separate(mixtures), references) for s in (faster, exact)
    )
    assert (found - expected).abs().max() < 0.1


@cache
def development() -> tuple[Tensor, Tensor]:
    from tests.separators.test_shipped import development as shipped

    return shipped()


if torch.cuda.is_available():  # not skipped: in CI a skipped test is a red one

    @pytest.mark.parametrize("speed", [Speed.BF16, Speed.COMPILED])
    @pytest.mark.parametrize("architecture", TINY)
    def test_on_a_gpu_fast_ways_give_what_32_bits_give(
        architecture: str, speed: Speed
    ) -> None:
        exact = tiny_separator(architecture)
        expected = exact.separate(mixtures_of(2))
        there = NetworkSeparator(
            exact.network, name="there", sample_rate=8000, sources=2, device="cuda"
        )
        found = there.at_speed(speed).separate(mixtures_of(2))
        assert si_snr(estimates=found, references=expected).min() > SAME_DB
