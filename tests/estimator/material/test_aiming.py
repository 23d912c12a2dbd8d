"""An estimate gets the SI-SNR that was drawn for it."""

import numpy as np
import pytest

from estimator.material.aiming import HIGHEST_DB, LOWEST_DB, aimed, aims
from estimator.material.labels import order_of, pairwise_si_snr
from estimator.material.scene import Signal
from tests.estimator.synthetic import scene


def measured(estimates: Signal, references: Signal) -> np.ndarray:
    """SI-SNR against the best assignment, which must be the given order."""
    pairwise = pairwise_si_snr(estimates, references)
    assert order_of(pairwise).tolist() == list(range(len(references)))
    return np.diag(pairwise)


def noisy(count: int = 2) -> tuple[Signal, Signal, Signal]:
    truth = scene(count=count)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(truth.sources.shape, dtype=np.float32)
    estimates = truth.sources + np.float32(0.2) * truth.sources[::-1]
    return (estimates + np.float32(0.1) * noise, truth.sources, noise[0])


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("aim", [-15.0, -3.0, 0.0, 7.5, 30.0])
def test_the_aim_is_hit_to_a_hundredth(aim: float, count: int) -> None:
    estimates, references, spare = noisy(count)
    wanted = np.linspace(aim, min(aim + 2, 30), count)
    found = measured(aimed(estimates, references, wanted, spare=spare), references)
    assert found == pytest.approx(wanted, abs=0.01)


def test_pure_leakage_reaches_low_figures_without_changing_hands() -> None:
    _, references, spare = noisy()
    leaky = references + np.float32(0.5) * references[::-1]
    wanted = np.array([-12.0, -9.0])
    found = measured(aimed(leaky, references, wanted, spare=spare), references)
    assert found == pytest.approx(wanted, abs=0.01)


def test_a_gain_of_the_error_keeps_its_texture() -> None:
    estimates, references, spare = noisy()
    found = aimed(estimates, references, np.array([20.0, 25.0]), spare=spare)
    errors = []
    for signals in (estimates, found):
        weights = (signals * references).sum(-1) / np.square(references).sum(-1)
        error = signals - weights[:, None] * references
        errors.append(error / np.linalg.norm(error, axis=-1, keepdims=True))
    assert (errors[0] * errors[1]).sum(-1) == pytest.approx([1, 1], abs=1e-3)


def test_the_error_of_a_real_separator_grows_at_most_nine_times() -> None:
    estimates, references, spare = noisy()
    high = aimed(estimates, references, np.full(2, 25.0), spare=spare)
    before = measured(high, references)
    low = aimed(high, references, np.full(2, -15.0), spare=spare, most_lam=9.0)
    expected = before - 20 * np.log10(9)
    assert measured(low, references) == pytest.approx(expected, abs=0.01)


def test_an_estimate_without_its_source_is_left_alone() -> None:
    _, references, spare = noisy()
    lost = np.stack([references[0], spare - spare.mean()])
    found = aimed(lost, references, np.array([10.0, 10.0]), spare=spare)
    assert np.allclose(found[1], lost[1], atol=1e-5)


def test_aims_are_even_over_the_range() -> None:
    rng = np.random.default_rng(0)
    drawn = np.concatenate([aims(2, rng) for _ in range(5_000)])
    counts, _ = np.histogram(drawn, np.linspace(LOWEST_DB, HIGHEST_DB, 10))
    assert counts.sum() == 10_000
    assert counts / counts.mean() == pytest.approx(np.ones(9), abs=0.1)
