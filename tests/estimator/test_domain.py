"""What counts as familiar."""

import torch

from estimator.domain import Domain
from estimator.features import Features, describe
from tests.estimator.synthetic import RATE, voices


def leaky_voices() -> Features:
    sources = voices(20, 2, seconds=1.0)
    return describe(sources.sum(1), sources + 0.3 * sources.flip(1))


def test_what_it_was_drawn_around_is_within() -> None:
    features = leaky_voices()
    assert Domain.around(features).holds(features).float().mean() > 0.9


def test_noise_that_has_nothing_to_do_with_the_mixture_is_outside() -> None:
    generator = torch.Generator().manual_seed(0)
    mixture = torch.sin(torch.arange(RATE) * 0.9)[None]
    estimates = torch.randn(1, 2, RATE, generator=generator)
    domain = Domain.around(leaky_voices())
    assert not domain.holds(describe(mixture, estimates)).any()
