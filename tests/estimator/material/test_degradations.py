"""Degradations do what their names say, for any number of sources."""

import numpy as np
import pytest

from estimator.material import degradations
from estimator.material.degradations import Damage, Parts, Start
from estimator.material.labels import pairwise_si_snr
from estimator.material.spectra import BINS, HOPS, field, signal, spectrum
from tests.estimator.synthetic import scene


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("start", [*degradations.STARTS, degradations.degrade])
def test_estimates_are_as_long_as_the_mixture_and_seeded(
    start: Start, count: int
) -> None:
    parts = Parts(scene(count=count))
    estimates = start(parts, np.random.default_rng(3))
    again = start(parts, np.random.default_rng(3))
    assert estimates.shape == parts.scene.sources.shape
    assert estimates.dtype == np.float32
    assert np.isfinite(estimates).all()
    assert np.array_equal(estimates, again)


@pytest.mark.parametrize("damage", [damage for damage, _ in degradations.DAMAGES])
def test_damage_shows_in_si_snr(damage: Damage) -> None:
    parts = Parts(scene())
    for seed in range(8):
        damaged = damage(parts.scene.sources, parts, np.random.default_rng(seed))
        scores = np.diag(pairwise_si_snr(damaged, parts.scene.sources))
        assert scores.min() < 60


def test_the_scene_is_not_modified() -> None:
    truth = scene()
    before = [signal.copy() for signal in truth[:4]]
    for seed in range(30):
        degradations.degrade(Parts(truth), np.random.default_rng(seed))
    for part, kept in zip(truth[:4], before, strict=True):
        assert np.array_equal(part, kept)


def test_a_swap_takes_from_the_other_source() -> None:
    parts = Parts(scene())
    sources = parts.scene.sources
    for seed in range(6):
        crossed = degradations.swapped(sources, parts, np.random.default_rng(seed))
        assert np.allclose(crossed.sum(0), sources.sum(0), atol=1e-3)
        assert not np.allclose(crossed, sources, atol=1e-2)


def test_a_muted_estimate_is_quiet_for_a_tenth_of_the_time_or_more() -> None:
    parts = Parts(scene())
    for seed in range(6):
        sources = parts.scene.sources
        found = degradations.muted(sources, parts, np.random.default_rng(seed))
        quiet = np.abs(found) <= 0.06 * np.abs(sources)
        assert quiet.mean(1).max() > 0.09
        assert np.array_equal(found, sources, equal_nan=True) is False


@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("samples", [12_000, 12_345])
def test_spectra_come_back_as_the_signals_they_were(hop: int, samples: int) -> None:
    noise = np.random.default_rng(0).standard_normal((2, samples)).astype(np.float32)
    assert np.allclose(signal(spectrum(noise, hop), samples, hop), noise, atol=1e-4)


@pytest.mark.parametrize("kind", ["fine", "coarse", "speckle", "response", "course"])
def test_fields_have_unit_spread_and_their_own_smoothness(kind: str) -> None:
    rng = np.random.default_rng(0)
    fields = np.stack([field(kind, 200, rng) for _ in range(40)])
    assert fields.shape == (40, 200, BINS)
    assert fields.std() == pytest.approx(1, abs=0.25)
    if kind == "response":
        assert np.ptp(fields, axis=1).max() < 0.2
    elif kind == "course":
        assert np.ptp(fields, axis=2).max() < 0.2
