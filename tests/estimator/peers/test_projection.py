"""Cases in which energies and projections give SI-SNR exactly."""

import pytest
import torch

from estimator import Prediction, load, si_snr
from tests.estimator.synthetic import RATE, orthogonal_pair


def judged(mixture: torch.Tensor, estimates: torch.Tensor) -> Prediction:
    return load("mixture-projection").predict(mixture[None], estimates[None], RATE)


@pytest.mark.parametrize("leak", [0.4, 0.25, 0.1, 0.04])
@pytest.mark.parametrize("level", [1.0, 0.5])
def test_symmetric_leakage_is_read_off_exactly(leak: float, level: float) -> None:
    one, other = orthogonal_pair(seed=0)
    sources = torch.stack([one, level * other])
    estimates = (1 - leak) * sources + leak * sources.flip(0)
    truth = si_snr(estimate=estimates, reference=sources).clamp(max=30)
    found = judged(sources.sum(0), estimates)
    assert found.si_snr_db[0].tolist() == pytest.approx(truth.tolist(), abs=0.05)


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 25.0])
def test_an_exchanged_error_is_read_off_exactly(snr_db: float) -> None:
    basis, _ = torch.linalg.qr(centered_noise(3))
    sources, error = basis[:, :2].T, 10 ** (-snr_db / 20) * basis[:, 2]
    estimates = sources + torch.stack([error, -error])
    found = judged(sources.sum(0), estimates)
    assert found.si_snr_db[0].tolist() == pytest.approx([snr_db] * 2, abs=0.05)


def test_no_gain_of_an_estimate_changes_its_figure() -> None:
    sources = torch.stack(orthogonal_pair(seed=1))
    estimates = 0.9 * sources + 0.1 * sources.flip(0)
    gained = estimates * torch.tensor([[-3.0], [0.01]])
    figures = [judged(sources.sum(0), x).si_snr_db for x in (estimates, gained)]
    assert torch.allclose(figures[0], figures[1], atol=0.01)


def test_what_no_estimate_holds_lowers_the_figure() -> None:
    basis, _ = torch.linalg.qr(centered_noise(3))
    sources, rest = basis[:, :2].T, basis[:, 2]
    mixture = sources.sum(0) + 0.1 * rest
    found = judged(mixture, sources)
    expected = 10 * torch.log10(torch.tensor(1 / (0.01 / 2))).item()
    assert found.si_snr_db[0].tolist() == pytest.approx([expected] * 2, abs=0.05)


def test_the_mixture_for_every_source_is_half_leakage() -> None:
    sources = torch.stack(orthogonal_pair(seed=2))
    copies = sources.sum(0).expand_as(sources)
    found = judged(sources.sum(0), copies)
    assert found.si_snr_db[0].tolist() == pytest.approx([0.0] * 2, abs=0.1)


def centered_noise(signals: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(8_000, signals, generator=generator, dtype=torch.float64)
    return noise - noise.mean(0)
