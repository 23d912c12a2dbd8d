"""Degradations do what their names say, and span the whole range."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.random import Generator

from estimator import pit_si_snr
from estimator.material import degradations
from estimator.material.degradations import Scene, Signal
from tests.estimator.synthetic import scene

Start = Callable[[Scene, Generator], Signal]
Damage = Callable[[Signal, Generator], Signal]


def measured(estimates: Signal, truth: Scene) -> list[float]:
    scores, _ = pit_si_snr(
        estimates=torch.from_numpy(estimates),
        references=torch.from_numpy(truth.sources),
    )
    return [float(score) for score in scores]


@pytest.mark.parametrize(
    "start",
    [
        degradations.copied_mixture,
        degradations.collapsed,
        degradations.leaky,
        degradations.masked,
        degradations.degrade,
    ],
)
def test_estimates_are_as_long_as_the_mixture_and_seeded(start: Start) -> None:
    truth = scene()
    estimates = start(truth, np.random.default_rng(3))
    again = start(truth, np.random.default_rng(3))
    assert estimates.shape == truth.sources.shape
    assert np.isfinite(estimates).all()
    assert np.array_equal(estimates, again)


@pytest.mark.parametrize("damage", [degradations.swapped, degradations.spoiled])
def test_damage_only_ever_lowers_si_snr(damage: Damage) -> None:
    truth = scene()
    for seed in range(8):
        damaged = damage(truth.sources.copy(), np.random.default_rng(seed))
        assert max(measured(damaged, truth)) < 60


def test_the_scene_is_not_modified() -> None:
    truth = scene()
    before = [signal.copy() for signal in truth]
    for seed in range(20):
        degradations.degrade(truth, np.random.default_rng(seed))
    for signal, kept in zip(truth, before, strict=True):
        assert np.array_equal(signal, kept)


def test_scaling_the_error_shifts_si_snr_by_its_gain() -> None:
    truth = scene()
    estimates = truth.sources + np.float32(0.1) * truth.sources[::-1]
    before = measured(estimates, truth)
    after = measured(degradations.error_scaled(estimates, truth.sources, -12), truth)
    assert np.subtract(after, before) == pytest.approx([12, 12], abs=0.5)


def test_degradations_span_the_range_of_the_estimator() -> None:
    truth = scene()
    found = [
        score
        for seed in range(60)
        for score in measured(
            degradations.degrade(truth, np.random.default_rng(seed)), truth
        )
    ]
    assert np.percentile(found, 10) < 2
    assert np.percentile(found, 90) > 15
