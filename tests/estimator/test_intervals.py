"""Intervals hold as often as they say, whatever the network believes of itself."""

import pytest
import torch

from estimator.intervals import ENDS, Intervals, members
from estimator.network import Output

LOW, HIGH = 1 + [*ENDS].index("low_95"), 1 + [*ENDS].index("high_95")


def output(mean_db: torch.Tensor, log_scale: float = 0.0) -> Output:
    rest = torch.zeros(len(mean_db))
    scales = torch.full_like(mean_db, log_scale)
    return Output(mean_db, scales, rest, rest, rest, rest)


def draws(seed: int, items: int = 4_000) -> tuple[torch.Tensor, torch.Tensor]:
    """Predictions, and truths that lie 2 dB higher with twice the spread above 10."""
    generator = torch.Generator().manual_seed(seed)
    mean_db = 40 * torch.rand(items, generator=generator) - 10
    error = torch.randn(items, generator=generator)
    truth = mean_db + 2 + error * torch.where(mean_db > 10, 4.0, 2.0)
    return mean_db, truth.clamp(-10, 30)


@pytest.mark.parametrize("log_scale", [-1.0, 2.0])
@pytest.mark.parametrize("band", [(-10, 0), (0, 8), (12, 20), (20, 30)])
def test_95_of_100_truths_are_inside_in_every_band(
    log_scale: float, band: tuple[int, int]
) -> None:
    mean_db, truth = draws(seed=0)
    intervals = Intervals.measured(output(mean_db, log_scale), truth)
    fresh, truth = draws(seed=1)
    around = intervals.around(output(fresh, log_scale))
    inside = (around[:, LOW] <= truth) & (truth <= around[:, HIGH])
    chosen = (fresh >= band[0]) & (fresh <= band[1])
    assert 0.92 < inside[chosen].float().mean() < 0.985


def test_a_bias_moves_both_ends() -> None:
    mean_db, truth = draws(seed=0)
    intervals = Intervals.measured(output(mean_db), truth)
    around = intervals.around(output(torch.tensor([2.0])))[0]
    assert (around[LOW] + around[HIGH]).item() / 2 == pytest.approx(4.0, abs=0.7)


def test_ends_are_in_order_and_within_the_range() -> None:
    mean_db, truth = draws(seed=0)
    around = Intervals.measured(output(mean_db), truth).around(output(mean_db))
    assert (around[:, 1:].diff(dim=-1) >= 0).all()
    assert ((around[:, 1:] >= -10) & (around[:, 1:] <= 30)).all()
    assert (around[:, 0] > 0).all()


def test_a_band_with_few_items_borrows_the_nearest() -> None:
    mean_db = torch.cat([torch.full((300,), 5.0), torch.full((3,), 24.0)])
    found = members(mean_db, 25.0)
    assert len(found) == 100
    assert set(range(300, 303)) <= set(found.tolist())
