"""Separators that judge one another: exact for independent errors, fooled by shared."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from estimator.__main__ import main
from estimator.consensus import SHARED_DB, combine, consensus, matched
from estimator.consensus_report import (
    error_correlation,
    made_up,
    mixer,
    printed,
    report,
)
from estimator.material.pool import Separate
from tests.estimator.synthetic import untrained_estimator, voice, voices, write_audio


def orthonormal(signals: int, samples: int = 8_000) -> Tensor:
    """Zero mean, unit energy, mutually orthogonal, (signal, time)."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(samples, signals, generator=generator, dtype=torch.float64)
    basis, _ = torch.linalg.qr(noise - noise.mean(0))
    rows: Tensor = basis.T
    return rows


def estimates_of(si_snr_db: list[float], shared: float = 0.0) -> Tensor:
    """Two sources by separators of these SI-SNRs; errors orthogonal but for a part."""
    basis = orthonormal(4 + 2 * len(si_snr_db))
    sources, common, own = basis[:2], basis[2:4], basis[4:].view(-1, 2, 8_000)
    level = 10 ** (-torch.tensor(si_snr_db, dtype=torch.float64) / 20)
    error = shared**0.5 * common + (1 - shared) ** 0.5 * own
    estimates: Tensor = sources + level[:, None, None] * error
    return estimates


@pytest.mark.parametrize(
    "truth", [[0.0, 5.0, 10.0], [8.0] * 3, [5.0, 10.0, 20.0, 25.0], [-5, 3, 15, 18, 20]]
)
def test_independent_errors_are_told_apart_exactly(truth: list[float]) -> None:
    found = consensus(estimates_of(truth))
    for source in (0, 1):
        assert found.si_snr_db[:, source].tolist() == pytest.approx(truth, abs=0.01)
    assert found.plausible.all()


def test_no_gain_and_no_polarity_changes_a_figure() -> None:
    estimates = estimates_of([4.0, 9.0, 14.0])
    gains = torch.tensor([[1.0, -3.0], [1e-5, 20.0], [-0.1, 1.0]])[..., None]
    assert torch.allclose(
        consensus(gains * estimates).si_snr_db, consensus(estimates).si_snr_db
    )


@pytest.mark.parametrize("shared", [0.1, 0.3, 0.5, 0.7])
def test_shared_errors_flatter_by_a_known_amount(shared: float) -> None:
    """With equal noise v, the figure is (1 + shared v) / ((1 - shared) v)."""
    found = consensus(estimates_of([10.0] * 4, shared))
    expected = 10 * math.log10((1 + shared * 0.1) / ((1 - shared) * 0.1))
    assert found.si_snr_db.flatten().tolist() == pytest.approx([expected] * 8, abs=0.01)
    assert expected > 10 - 10 * math.log10(1 - shared)


def test_an_error_below_zero_is_bounded_and_said() -> None:
    """Errors of opposite sign make a third one look better than perfect."""
    source, twin, own = orthonormal(3)
    signals = [source + 0.2 * own, source + 0.5 * twin, source - 0.5 * twin]
    found = consensus(torch.stack(signals)[:, None])
    assert found.plausible[:, 0].tolist() == [False, True, True]
    assert found.si_snr_db[0].item() == 30.0


@pytest.mark.parametrize("leak", [0.3, 0.1])
def test_leakage_that_all_share_is_seen_with_the_mixture(leak: float) -> None:
    basis = orthonormal(8)
    sources, own = basis[:2], basis[2:].view(3, 2, -1)
    level = 10 ** (-torch.tensor([20.0, 23.0, 26.0])[:, None, None] / 20)
    estimates = (1 - leak) * sources + leak * sources.flip(0) + level * own
    error = leak**2 + level[:, 0, 0] ** 2
    truth = 10 * torch.log10((1 - leak) ** 2 / error)
    with_mixture = consensus(estimates, sources.sum(0)).si_snr_db.mean(1)
    without = consensus(estimates).si_snr_db.mean(1)
    assert (with_mixture - truth).abs().max() < 0.7
    assert (without - truth).min() > 3


def test_sources_are_matched_across_any_number_of_separators() -> None:
    sources = voices(1, 3)[0].double()
    orders = [[0, 1, 2], [2, 0, 1], [1, 0, 2], [1, 2, 0]]
    noise = 0.3 * torch.randn(4, *sources.shape, generator=torch.Generator())
    estimates = torch.stack([sources[order] for order in orders]) + noise
    found = matched(estimates / estimates.norm(dim=-1, keepdim=True))
    for estimate, order, names in zip(estimates, found, orders, strict=True):
        assert [names[which] for which in order] == [0, 1, 2]
        assert estimate[order].shape == sources.shape


def test_figures_come_back_in_each_separators_own_order() -> None:
    estimates = estimates_of([3.0, 8.0, 13.0])
    estimates[:, 1] += 0.5 * orthonormal(30)[-3:]
    straight = consensus(estimates)
    turned = estimates.clone()
    turned[1] = estimates[1].flip(0)
    found = consensus(turned)
    assert torch.allclose(found.si_snr_db[1], straight.si_snr_db[1].flip(0))
    assert torch.allclose(found.si_snr_db[[0, 2]], straight.si_snr_db[[0, 2]])
    assert found.order.tolist() == [[0, 1], [1, 0], [0, 1]]


def test_the_stated_deviation_covers_the_error_of_random_noise() -> None:
    references = torch.randn(2, 24_000, generator=torch.Generator().manual_seed(1))
    truth = torch.tensor([[6.0], [10.0], [14.0]]).expand(3, 2).double()
    rng = torch.Generator().manual_seed(2)
    errors, stated = [], []
    for _ in range(20):
        found = consensus(made_up(references.double(), truth, 0.0, rng))
        errors.append(found.si_snr_db - truth)
        stated.append(found.sampling_db)
    actual = torch.stack(errors).square().mean().sqrt()
    assert 0.5 < (torch.stack(stated).square().mean().sqrt() / actual) < 2
    assert (found.std_db >= SHARED_DB).all(), "shared errors are always possible"


def test_figures_are_combined_by_inverse_variance() -> None:
    values = torch.tensor([[10.0, 10.0, 10.0], [16.0, 16.0, torch.nan]])
    deviations = torch.tensor([[1.0, 3.0, 2.0], [2.0, 3.0, torch.nan]])
    mean, std = combine(values, deviations)
    assert mean.tolist() == pytest.approx([11.2, 13.0, 10.0])
    assert std.tolist() == pytest.approx([0.8**0.5, 4.5**0.5, 2.0])


@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_correlation_of_errors_is_the_share_they_have_in_common(shared: float) -> None:
    sources = orthonormal(4 + 6)[:2]
    found = error_correlation(estimates_of([5.0, 9.0, 12.0], shared), sources)
    assert found == pytest.approx(shared, abs=1e-6)


def test_two_separators_are_too_few() -> None:
    with pytest.raises(ValueError, match=r"\(2, 2, 8000\); .* 3 separators or more"):
        consensus(estimates_of([5.0, 9.0]))


def test_a_silent_estimate_is_named() -> None:
    estimates = estimates_of([5.0, 9.0, 12.0])
    estimates[2, 1] = 0
    with pytest.raises(ValueError, match="estimate 1 of separator 2 .* is silent"):
        consensus(estimates)


def talkers(folder: Path) -> Path:
    for speaker in range(3):
        write_audio(folder / f"{speaker}" / "a.wav", 0.5 * voice(speaker, 5.0))
    return folder


def halving(name: str, seed: int) -> Separate:
    """Gives each half of the frequencies, drawn by lot, to another source."""

    def run(mixtures: Tensor) -> Tensor:
        spectra = torch.fft.rfft(mixtures)
        generator = torch.Generator().manual_seed(seed)
        share = torch.rand(spectra.shape[-1], generator=generator)
        one = torch.fft.irfft(share * spectra, mixtures.shape[-1])
        return torch.stack([one, mixtures - one], dim=1)

    return Separate(name, "halving", "final", 2, run)


def test_the_report_shows_where_it_helps_and_where_it_is_fooled(
    tmp_path: Path,
) -> None:
    found = report(
        mixer(talkers(tmp_path), None, None),
        [halving(f"split-{seed}", seed) for seed in range(3)],
        untrained_estimator(),
        mixtures=3,
    )
    by = {(row["estimates"], row["judge"]): row for row in found["rows"]}
    apart = by["made up, 0% of the error shared", "agreement"]
    alike = by["made up, 75% of the error shared", "agreement"]
    assert abs(apart["bias_db"]) < 1 < 4 < alike["bias_db"]
    assert apart["n"] == 18
    text = printed(found)
    assert "their errors correlate by" in text
    assert text.count("made up") == 16


def test_the_command_refuses_fewer_than_three_separators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--speech", str(talkers(tmp_path)), "--separators", "mask-lstm"]
    assert main(["consensus", *arguments]) == 2
    assert "1 separators; name 3 or more" in capsys.readouterr().err
