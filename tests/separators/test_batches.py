"""Many recordings at once give what each alone would."""

import pytest
import torch
from torch import Tensor

from separators.batches import batches, separate_many
from tests.separators.tiny import TINY, tiny_separator

every_architecture = pytest.mark.parametrize("architecture", TINY)


def mixtures_of(lengths: list[int]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [0.1 * torch.randn(length, generator=generator) for length in lengths]


@every_architecture
def test_each_mixture_is_separated_as_if_alone(architecture: str) -> None:
    separator = tiny_separator(architecture)
    mixtures = mixtures_of([4000, 3001, 4000, 2500, 3001, 4000])
    found = separate_many(separator, mixtures)
    for mixture, estimates in zip(mixtures, found, strict=True):
        alone = separator.separate(mixture[None])[0]
        scale = alone.abs().max().item()
        torch.testing.assert_close(estimates, alone, rtol=0, atol=1e-3 * scale)


@every_architecture
def test_padding_would_leak_so_only_equal_lengths_share_a_batch(
    architecture: str,
) -> None:
    """The reason for the rule: the day it no longer holds, padding may be used."""
    separator = tiny_separator(architecture)
    (mixture,) = mixtures_of([4000])
    alone = separator.separate(mixture[None])
    padded = separator.separate(torch.cat([mixture, torch.zeros(2000)])[None])
    leak = (padded[..., :4000] - alone).abs().max() / alone.abs().max()
    assert leak > 1e-3


def test_a_batch_holds_one_length_and_no_more_sound_than_allowed() -> None:
    lengths = [300, 100, 300, 100, 100, 300, 900]
    found = list(batches(lengths, most=600))
    assert found == [[6], [0, 2], [5], [1, 3, 4]]


def test_after_each_batch_its_size_is_told() -> None:
    sizes: list[int] = []
    separator = tiny_separator("mask-rnn")
    separate_many(separator, mixtures_of([2500, 3000, 2500]), on_batch=sizes.append)
    assert sizes == [1, 2]


def test_no_mixtures_give_no_estimates() -> None:
    assert separate_many(tiny_separator("mask-rnn"), []) == []


def test_a_mixture_with_a_batch_axis_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 3000\); expected \(time,\)"):
        separate_many(tiny_separator("mask-rnn"), [torch.zeros(1, 3000)])
