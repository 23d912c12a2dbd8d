"""Labels of training examples, measured on known scenes."""

import numpy as np
import pytest
import torch
from torch import Tensor

from estimator.material.examples import example, separated, si_snr_curve
from estimator.network import FRAME_RATE
from tests.estimator.synthetic import RATE, orthogonal_pair, scene


def test_each_item_carries_the_si_snr_of_its_own_estimate() -> None:
    truth = scene()
    swap = truth.sources[::-1]
    clean, leaky = truth.sources, truth.sources + np.float32(0.5) * swap
    crossed = np.stack([leaky[1], clean[0]])
    found = example(truth, np.stack([clean, leaky, crossed]))
    assert found.si_snr_db[:2].tolist() == [30.0, 30.0]
    assert found.si_snr_db[4].item() == pytest.approx(found.si_snr_db[3].item())
    assert found.si_snr_db[5].item() == 30.0
    assert len(found.features.maps) == len(found.curve_db) == 6


def test_curve_finds_the_second_that_is_bad() -> None:
    samples = 6 * RATE
    reference, noise = orthogonal_pair(seed=0, samples=samples)
    gain = torch.full((samples,), 0.1)
    gain[: 2 * RATE] = 1.0
    curve = si_snr_curve(
        estimates=(reference + gain * noise)[None], references=reference[None]
    )[0]
    bad, good = int(1 * FRAME_RATE), int(4 * FRAME_RATE)
    assert curve[bad].item() == pytest.approx(0, abs=1)
    assert curve[good].item() == pytest.approx(20, abs=1)


def test_curve_is_unknown_where_both_are_silent() -> None:
    samples = 6 * RATE
    reference, noise = orthogonal_pair(seed=0, samples=samples)
    heard = torch.ones(samples)
    heard[3 * RATE :] = 0
    curve = si_snr_curve(
        estimates=((reference + noise) * heard)[None],
        references=(reference * heard)[None],
    )[0]
    assert curve[: int(3 * FRAME_RATE)].isfinite().all()
    assert curve[int(4 * FRAME_RATE) :].isnan().all()


def test_estimates_of_a_separator_come_in_the_order_of_the_sources() -> None:
    truth = scene()

    def crossing(mixtures: Tensor) -> Tensor:
        assert mixtures.shape == (1, truth.mixture.shape[0])
        return torch.from_numpy(truth.sources[::-1].copy())[None]

    found = separated(truth, crossing)
    assert found is not None
    assert np.allclose(found, truth.sources, atol=1e-4)


def test_a_separator_that_returns_silence_gives_no_example() -> None:
    def mute(mixtures: Tensor) -> Tensor:
        return torch.zeros(1, 2, mixtures.shape[-1])

    assert separated(scene(), mute) is None
