"""Long recordings: the sources keep their places, the joins are not heard."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

import separators
from separators.long import Cut, chunks, separate_long
from separators.network_separator import NetworkSeparator
from separators.source_order import best_order

RATE = 100  # Hz: enough for what is tested here
CUT = Cut(whole_s=30, chunk_s=20, overlap_s=5)


def sources_of(count: int, seconds: float, seed: int = 0) -> Tensor:
    """Sources that `Sieve` can tell apart sample by sample: multiples of two steps."""
    generator = torch.Generator().manual_seed(seed)
    steps = torch.randint(-3, 4, (count, round(seconds * RATE)), generator=generator)
    return steps * 0.1 ** torch.arange(1, count + 1)[:, None]


class Sieve:
    """A perfect separator, but for the order, which is another in each call."""

    name, sample_rate, cut = "sieve", RATE, CUT

    def __init__(self, sources: int, seed: int = 0) -> None:
        self.sources = sources
        self.lengths: list[int] = []
        self._generator = torch.Generator().manual_seed(seed)

    def separate(self, mixtures: Tensor) -> Tensor:
        self.lengths.append(mixtures.shape[1])
        found, rest = [], mixtures
        for source in range(1, self.sources + 1):
            found.append((rest * 10**source).round() / 10**source)
            rest = rest - found[-1]
        order = torch.randperm(self.sources, generator=self._generator)
        return torch.stack(found, dim=1)[:, order]


def in_blocks(mixture: Tensor, samples: int) -> Iterator[Tensor]:
    for start in range(0, len(mixture), samples):
        yield mixture[start : start + samples]


def separated(separator: separators.Separator, mixture: Tensor) -> Tensor:
    return torch.cat([*separate_long(separator, in_blocks(mixture, 777))], dim=1)


def error_db(estimates: Tensor, sources: Tensor) -> float:
    """The largest difference in any sample, under one order for all of it."""
    order, _ = best_order(sources, estimates)
    peak = (estimates[order] - sources).abs().max() / sources.abs().amin(0).max()
    return 20 * float(torch.log10(peak + 1e-12))


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("seconds", [30.01, 61.37, 150.0])
def test_sources_keep_their_places_though_each_chunk_has_another_order(
    count: int, seconds: float
) -> None:
    sources = sources_of(count, seconds)
    for seed in range(4):
        separator = Sieve(count, seed)
        estimates = separated(separator, sources.sum(0))
        assert estimates.shape == sources.shape
        assert error_db(estimates, sources) < -60
        assert len(separator.lengths) == CUT.calls(seconds)


@pytest.mark.parametrize("pause", [(18.0, 21.0), (12.0, 58.0)])
@pytest.mark.parametrize("hum", [0.0, 0.0003])
def test_a_pause_longer_than_a_chunk_does_not_swap_the_sources(
    pause: tuple[float, float], hum: float
) -> None:
    sources = sources_of(2, 100)
    start, end = (round(seconds * RATE) for seconds in pause)
    sources[:, start:end] = 0
    mixture = sources.sum(0)
    mixture[start:end] += hum  # too quiet to go by, and all of it in one estimate
    for seed in range(6):
        estimates = separated(Sieve(2, seed), mixture)
        estimates[:, start:end] = 0
        assert error_db(estimates, sources) < -60


def test_a_solo_as_long_as_a_chunk_does_not_swap_the_sources() -> None:
    sources = sources_of(2, 100)
    sources[1, 1200:5800] = 0
    for seed in range(6):
        estimates = separated(Sieve(2, seed), sources.sum(0))
        assert error_db(estimates, sources) < -60


def test_a_recording_that_begins_with_silence_is_separated() -> None:
    sources = sources_of(2, 100)
    sources[:, :4500] = 0
    estimates = separated(Sieve(2), sources.sum(0))
    assert error_db(estimates, sources) < -60


@pytest.mark.parametrize("samples", [1, 499, 3000])
def test_a_short_recording_is_one_plain_call(samples: int) -> None:
    separator = Sieve(2)
    mixture = sources_of(2, 30).sum(0)[:samples]
    expected = Sieve(2).separate(mixture[None])[0]
    torch.testing.assert_close(separated(separator, mixture), expected, rtol=0, atol=0)
    assert separator.lengths == [samples]


@pytest.mark.parametrize("samples", [3001, 3500, 3501, 5000, 9999])
@pytest.mark.parametrize("block", [1, 640, 100_000])
def test_chunks_are_of_one_length_and_cover_every_sample(
    samples: int, block: int
) -> None:
    recording = torch.arange(1.0, samples + 1)
    start = 0
    for number, chunk in enumerate(
        chunks(in_blocks(recording, block), whole=3000, chunk=2000, overlap=500)
    ):
        start -= chunk.shared
        assert chunk.shared >= 500 or number == 0
        assert len(chunk.samples) == 2000
        assert torch.equal(chunk.samples, recording[start : start + 2000])
        start += 2000
    assert start == samples
    assert number + 1 == CUT.calls(samples / RATE)


def test_no_chunk_waits_for_the_end_of_the_recording() -> None:
    """So that memory does not grow with the length: an endless one is separated too."""

    def endless() -> Iterator[Tensor]:
        while True:
            yield torch.ones(RATE)

    pieces = separate_long(Sieve(2), endless())
    assert sum(next(pieces).shape[1] for _ in range(50)) > 700 * RATE


class Halves(nn.Module):
    """Two sources of half the mixture each; notes what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Tensor] = []

    def forward(self, mixtures: Tensor) -> Tensor:
        self.heard.append(mixtures)
        return torch.stack([0.25 * mixtures, 0.75 * mixtures], dim=1)


def test_a_separator_cuts_each_item_of_a_long_batch_by_itself() -> None:
    network = Halves()
    separator = NetworkSeparator(
        network, name="halves", sample_rate=RATE, sources=2, cut=CUT
    )
    mixtures = torch.randn(3, 4001, generator=torch.Generator().manual_seed(0))
    mixtures[1] *= 100
    estimates = separator.separate(mixtures)
    expected = torch.stack([0.25 * mixtures, 0.75 * mixtures], dim=1)
    torch.testing.assert_close(estimates, expected)
    assert {len(heard) for heard in network.heard} == {1}
    assert max(heard.shape[1] for heard in network.heard) <= 25 * RATE


def test_a_quiet_stretch_is_heard_as_loud_as_the_rest_and_given_back_quiet() -> None:
    network = Halves()
    separator = NetworkSeparator(
        network, name="halves", sample_rate=RATE, sources=2, level=0.1, cut=CUT
    )
    mixtures = torch.randn(1, 10_000, generator=torch.Generator().manual_seed(0))
    mixtures[:, 5000:] *= 0.01
    estimates = separator.separate(mixtures)
    torch.testing.assert_close(estimates[:, 1], 0.75 * mixtures)
    levels = [heard.square().mean().sqrt().item() for heard in network.heard]
    assert levels == pytest.approx([0.1] * len(levels), rel=0.02)  # some padding


def test_identity_is_the_mixture_itself_at_any_length() -> None:
    identity = separators.load("identity")
    mixture = torch.randn(70 * 8000 + 1, generator=torch.Generator().manual_seed(0))
    estimates = separated(identity, mixture)
    torch.testing.assert_close(estimates, mixture.expand(2, -1), rtol=0, atol=0)


def test_a_cut_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="6 s chunks with 4 s overlap above 30 s does"):
        Cut(whole_s=30, chunk_s=6, overlap_s=4)
