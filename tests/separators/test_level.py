"""Estimates keep the level they have in the mixture."""

from itertools import permutations

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from separators.network_separator import restore_levels
from separators.training.pairing import improvement, paired, si_snr, snr


def sources_of(samples: int = 8000) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(1, 2, samples, generator=generator)


def test_estimates_of_free_scale_come_back_to_their_level_in_the_mixture() -> None:
    sources = sources_of()
    scaled = sources * torch.tensor([[[20.0], [0.03]]])
    restored = restore_levels(mixtures=sources.sum(dim=1), estimates=scaled)
    torch.testing.assert_close(restored, sources, rtol=1e-3, atol=1e-3)


def test_restoring_the_level_never_flips_the_sign() -> None:
    sources = sources_of()
    flipped = sources * torch.tensor([[[1.0], [-1.0]]])
    restored = restore_levels(mixtures=sources.sum(dim=1), estimates=flipped)
    assert not restored[0, 1].any()


def test_silent_estimates_stay_silent() -> None:
    silent = torch.zeros(1, 2, 100)
    assert not restore_levels(mixtures=torch.ones(1, 100), estimates=silent).any()


@pytest.mark.parametrize("snr_db", [-10.0, 0.0, 20.0])
def test_si_snr_of_orthogonal_noise_is_its_snr(snr_db: float) -> None:
    time = torch.arange(8000) / 8000
    reference = torch.sin(2 * torch.pi * 100 * time)
    noise = torch.sin(2 * torch.pi * 300 * time)
    estimate = 3 * (reference + 10 ** (-snr_db / 20) * noise) + 0.5
    found = si_snr(estimates=estimate, references=reference)
    assert found.item() == pytest.approx(snr_db, abs=0.01)


def test_snr_notices_a_wrong_gain_and_si_snr_does_not() -> None:
    reference = sources_of()
    half = 0.5 * reference
    assert snr(estimates=half, references=reference).mean() < 7
    assert si_snr(estimates=half, references=reference).mean() > 60


def test_swapped_estimates_are_paired_item_by_item() -> None:
    references = torch.cat([sources_of(), sources_of().flip(1) * 0.3])
    estimates = references.clone()
    estimates[1] = estimates[1].flip(0)
    torch.testing.assert_close(paired(estimates, references), references)


def test_three_estimates_in_any_order_are_paired() -> None:
    generator = torch.Generator().manual_seed(3)
    references = torch.randn(1, 3, 4000, generator=generator)
    for order in permutations(range(3)):
        estimates = references[:, list(order)] + 0.1 * torch.randn(1, 3, 4000)
        found = paired(estimates, references)
        assert (si_snr(estimates=found, references=references) > 15).all()


def test_the_pairing_is_the_best_of_the_hungarian_algorithm() -> None:
    generator = torch.Generator().manual_seed(4)
    references = torch.randn(5, 4, 300, generator=generator)
    estimates = torch.randn(5, 4, 300, generator=generator)
    found = si_snr(estimates=paired(estimates, references), references=references)
    for item in range(5):
        each = si_snr(
            estimates=estimates[item, None], references=references[item, :, None]
        ).numpy()
        best = each[linear_sum_assignment(each, maximize=True)].sum()
        assert found[item].sum().item() == pytest.approx(best, abs=1e-3)


def test_the_mixture_improves_on_itself_by_nothing() -> None:
    references = sources_of()
    mixtures = references.sum(dim=1)
    unchanged = mixtures[:, None].repeat(1, 2, 1)
    assert improvement(mixtures, unchanged, references).abs().max() < 1e-3
