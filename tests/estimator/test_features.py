"""What the estimator sees."""

import pytest
import torch

from estimator.features import BANDS, MAPS, SCALARS, describe, mel_filters
from tests.estimator.synthetic import voice, voices

ENERGY = {"mixture": 0, "estimate": 1, "partner": 2, "residual": 3}
FLOOR = -5.0


def test_every_estimate_is_one_item_beside_its_mixture() -> None:
    sources = voices(3, 2)
    mixtures, estimates = sources.sum(1), sources + 0.3 * voice(9)
    maps, scalars = describe(mixtures, estimates)
    assert maps.shape[:3] == (6, MAPS, BANDS)
    assert scalars.shape == (6, SCALARS)
    for item in range(3):
        alone, _ = describe(mixtures[item][None], estimates[item][None])
        assert torch.allclose(maps[2 * item : 2 * item + 2], alone, atol=1e-3)


def test_true_sources_leave_a_tiny_residual() -> None:
    sources = voices(1, 2)
    maps, _ = describe(sources.sum(1), sources)
    assert maps[:, ENERGY["residual"]].mean() < FLOOR + 0.5
    assert maps[:, ENERGY["estimate"]].max() > -1


def test_the_same_estimate_twice_is_fully_coherent() -> None:
    mixture = voices(1, 2).sum(1)
    maps, scalars = describe(mixture, torch.stack([mixture, mixture], dim=1))
    assert maps[:, 4].mean() > 0.9  # with the partner
    assert scalars[:, 4].min() > 0.99


def test_of_many_others_the_most_alike_is_the_partner() -> None:
    one, two, three = voice(1), voice(2), voice(3)
    estimates = torch.stack([one, two, three + 0.8 * one])[None]
    _, scalars = describe((one + two + three)[None], estimates)
    assert scalars[0, 4].item() == pytest.approx(scalars[2, 4].item())
    assert scalars[0, 4] > 0.3


def test_every_band_hears_something_and_every_frequency_is_heard() -> None:
    filters = mel_filters()
    assert (filters.sum(1) >= 0.5).all()
    assert (filters[:, 3:128].sum(0) > 0).all()
