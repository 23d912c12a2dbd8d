"""The truth about estimates: closed forms, and the metric it must equal."""

import numpy as np
import pytest
import torch

from estimator import pit_si_snr, si_snr
from estimator.material import labels
from estimator.network import FRAME_RATE
from tests.estimator.synthetic import RATE, orthogonal_pair, voices


def orthonormal(count: int, samples: int = 4_000) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal((samples, count))
    return np.linalg.qr(noise - noise.mean(0))[0].T.astype(np.float32)


def test_all_pairs_equal_the_metric() -> None:
    references = voices(1, 3)[0]
    estimates = references.flip(0) + 0.4 * references + 0.2
    expected = si_snr(estimate=estimates[:, None], reference=references[None])
    found = labels.pairwise_si_snr(estimates.numpy(), references.numpy())
    assert np.allclose(found.clip(max=35), expected.numpy().clip(max=35), atol=0.01)


def test_the_order_is_that_of_the_best_permutation() -> None:
    references = voices(1, 3)[0]
    estimates = references[[2, 0, 1]] + 0.3 * references
    measured, order = pit_si_snr(estimates=estimates, references=references)
    pairwise = labels.pairwise_si_snr(estimates.numpy(), references.numpy())
    own = labels.order_of(pairwise)
    assert own.tolist() == np.argsort(order).tolist() == [2, 0, 1]
    assert pairwise[[1, 2, 0], [0, 1, 2]] == pytest.approx(measured.numpy(), abs=1e-3)


def test_leakage_and_distortion_are_told_apart() -> None:
    one, other, third, noise = orthonormal(4)
    estimates = np.stack([one + 0.1 * other, other + 0.01 * noise, third + 0.1 * noise])
    references = np.stack([one, other, third])
    found = labels.sides(estimates, references, np.arange(3))
    assert found[0] == pytest.approx([20, 40], abs=0.1)
    assert found[1] == pytest.approx([40, 40], abs=0.1)
    assert found[2] == pytest.approx([40, 20], abs=0.1)


def test_leakage_and_distortion_add_up_to_the_error() -> None:
    one, other, noise = orthonormal(3)
    estimate = (one + 0.2 * other + 0.3 * noise)[None]
    references = np.stack([one, other])
    parts = 10 ** (-labels.sides(estimate, references, np.array([0]))[0] / 10)
    whole = labels.pairwise_si_snr(estimate, references)[0, 0]
    assert -10 * np.log10(parts.sum()) == pytest.approx(whole, abs=0.01)


def test_curve_finds_the_second_that_is_bad() -> None:
    samples = 6 * RATE
    reference, noise = orthogonal_pair(seed=0, samples=samples)
    gain = torch.full((samples,), 0.1)
    gain[: 2 * RATE] = 1.0
    curve = labels.curves(
        (reference + gain * noise)[None].numpy(), reference[None].numpy()
    )[0]
    bad, good = int(1 * FRAME_RATE), int(4 * FRAME_RATE)
    assert curve[bad] == pytest.approx(0, abs=1)
    assert curve[good] == pytest.approx(20, abs=1)


def test_curve_is_unknown_where_both_are_silent() -> None:
    samples = 6 * RATE
    reference, noise = orthogonal_pair(seed=0, samples=samples)
    heard = torch.ones(samples)
    heard[3 * RATE :] = 0
    curve = labels.curves(
        ((reference + noise) * heard)[None].numpy(), (reference * heard)[None].numpy()
    )[0]
    assert np.isfinite(curve[: int(3 * FRAME_RATE)]).all()
    assert np.isnan(curve[int(4 * FRAME_RATE) :]).all()
