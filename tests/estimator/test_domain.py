"""What counts as familiar."""

import torch

from estimator.domain import Domain, fingerprint
from estimator.features import Features, describe
from tests.estimator.synthetic import RATE, voices


def leaky_voices() -> Features:
    sources = voices(20, 2, seconds=1.0)
    return describe(sources.sum(1), sources + 0.3 * sources.flip(1))


def summaries(items: int) -> torch.Tensor:
    return torch.randn(items, 8, generator=torch.Generator().manual_seed(1))


def test_what_it_was_drawn_around_is_within() -> None:
    features = leaky_voices()
    domain = Domain.around(features, summaries(40))
    assert domain.holds(features, summaries(40)).float().mean() > 0.9


def test_noise_that_has_nothing_to_do_with_the_mixture_is_outside() -> None:
    generator = torch.Generator().manual_seed(0)
    mixture = torch.sin(torch.arange(RATE) * 0.9)[None]
    estimates = torch.randn(1, 2, RATE, generator=generator)
    domain = Domain.around(leaky_voices(), summaries(40))
    assert not domain.holds(describe(mixture, estimates), summaries(2)).any()


def test_what_only_the_network_finds_strange_is_outside() -> None:
    features = leaky_voices()
    domain = Domain.around(features, summaries(40))
    strange = summaries(40).clone()
    strange[3] += 20
    assert not domain.holds(features, strange)[3]


def test_the_fingerprint_sees_neither_gain_nor_length_by_itself() -> None:
    sources = voices(1, 2, seconds=2.0)
    once = fingerprint(describe(sources.sum(1), sources))
    louder = fingerprint(describe(7 * sources.sum(1), 0.1 * sources))
    twice = sources.repeat(1, 1, 2)
    longer = fingerprint(describe(twice.sum(1), twice))
    assert torch.allclose(once, louder, atol=5e-3)  # at the floor of -50 dB
    assert torch.allclose(once, longer, atol=0.1)
