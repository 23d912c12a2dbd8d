"""SI-SNR and its permutation: answers known in closed form."""

from itertools import permutations

import fast_bss_eval
import pytest
import torch

from estimator import pit_sdr, pit_si_snr, si_snr, si_snr_improvement
from tests.estimator.synthetic import orthogonal_pair, voices


@pytest.mark.parametrize("snr_db", [-20.0, 0.0, 15.0, 40.0])
@pytest.mark.parametrize("gain", [1e-5, 0.01, 1.0, -7.0])
@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_si_snr_of_orthogonal_noise_is_its_snr(
    snr_db: float, gain: float, offset: float
) -> None:
    reference, noise = orthogonal_pair(seed=0)
    estimate = gain * (reference + 10 ** (-snr_db / 20) * noise) + offset
    score = si_snr(estimate=estimate, reference=reference)
    assert score.item() == pytest.approx(snr_db, abs=0.01)


def test_si_snr_ignores_the_gain_of_a_quiet_reference_in_single_precision() -> None:
    reference, noise = (signal.float() for signal in orthogonal_pair(seed=1))
    score = si_snr(estimate=1e-5 * (reference + noise), reference=1e-5 * reference)
    assert score.item() == pytest.approx(0.0, abs=0.01)


def test_si_snr_is_bounded_by_80_db() -> None:
    reference, noise = orthogonal_pair(seed=2)
    perfect = si_snr(estimate=reference, reference=reference)
    unrelated = si_snr(estimate=noise, reference=reference)
    assert perfect.item() == pytest.approx(80, abs=0.1)
    assert unrelated.item() == pytest.approx(-80, abs=0.1)


def test_si_snr_leaves_its_arguments_as_they_were() -> None:
    estimate, reference = voices(1, 2)[0] + 0.5
    before = estimate.clone(), reference.clone()
    si_snr(estimate=estimate, reference=reference)
    assert torch.equal(estimate, before[0])
    assert torch.equal(reference, before[1])


def test_si_snr_agrees_with_fast_bss_eval() -> None:
    references = voices(1, 2)[0].double()
    estimates = references + 0.3 * references.flip(0)
    theirs = fast_bss_eval.si_sdr(
        references.numpy(), estimates.numpy(), zero_mean=True, return_perm=False
    )
    ours, _ = pit_si_snr(estimates=estimates, references=references)
    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-3)


@pytest.mark.parametrize("role", ["estimate", "reference"])
@pytest.mark.parametrize("level", [0.0, 0.3])
def test_si_snr_refuses_silence(role: str, level: float) -> None:
    signals = {"estimate": voices(1, 1)[0, 0], "reference": voices(1, 1)[0, 0]}
    signals[role] = torch.full_like(signals[role], level)
    with pytest.raises(ValueError, match=f"undefined for a silent signal: {role}"):
        si_snr(**signals)


def test_si_snr_refuses_two_lengths() -> None:
    with pytest.raises(ValueError, match="has 9 samples and reference 10; cut them"):
        si_snr(estimate=torch.randn(9), reference=torch.randn(10))


@pytest.mark.parametrize("role", ["estimate", "reference"])
@pytest.mark.parametrize("sample", [torch.nan, torch.inf])
def test_si_snr_refuses_what_is_not_finite(role: str, sample: float) -> None:
    signals = {"estimate": torch.randn(10), "reference": torch.randn(10)}
    signals[role][3] = sample
    with pytest.raises(ValueError, match=f"{role} holds NaN or infinite samples"):
        si_snr(**signals)


@pytest.mark.parametrize("order", [[0, 1], [1, 0], [2, 0, 1], [3, 1, 0, 2]])
def test_order_says_which_estimate_belongs_to_which_reference(order: list[int]) -> None:
    references = voices(1, len(order))[0]
    estimates = torch.empty_like(references)
    for reference, estimate in enumerate(order):
        estimates[estimate] = references[reference] + 0.1 * references.mean(0)
    scores, found = pit_si_snr(estimates=estimates, references=references)
    assert found == order
    for i, score in enumerate(scores):
        alone = si_snr(estimate=estimates[found[i]], reference=references[i])
        assert score.item() == pytest.approx(alone.item())


def test_permutation_has_the_best_mean_and_is_not_greedy() -> None:
    first, second = orthogonal_pair(seed=3)
    references = torch.stack([first, second])
    estimates = torch.stack([first + 0.5 * second, first])
    scores, order = pit_si_snr(estimates=estimates, references=references)
    assert order == [1, 0]
    assert scores[1].item() == pytest.approx(-6.02, abs=0.01)


def test_permutation_refuses_other_counts() -> None:
    with pytest.raises(ValueError, match=r"\(3, 10\) and references \(2, 10\)"):
        pit_si_snr(estimates=torch.randn(3, 10), references=torch.randn(2, 10))


def test_improvement_is_measured_from_the_mixture() -> None:
    references = torch.stack(orthogonal_pair(seed=4))
    estimates = references.flip(0) + 0.1 * references
    gained, order = si_snr_improvement(
        estimates=estimates, references=references, mixture=references.sum(0)
    )
    assert order == [1, 0]
    assert gained.tolist() == pytest.approx([20, 20], abs=0.01)


@pytest.mark.parametrize("sources", [2, 3, 5])
def test_permutation_is_the_best_of_all(sources: int) -> None:
    generator = torch.Generator().manual_seed(sources)
    references = torch.randn(sources, 400, generator=generator, dtype=torch.float64)
    estimates = references.mean(0) + 0.6 * torch.randn(
        sources, 400, generator=generator, dtype=torch.float64
    )
    found, _ = pit_si_snr(estimates=estimates, references=references)
    pairwise = si_snr(estimate=estimates[None, :], reference=references[:, None])
    every = [
        sum(pairwise[i, k].item() for i, k in enumerate(order)) / sources
        for order in permutations(range(sources))
    ]
    assert found.mean().item() == pytest.approx(max(every))


@pytest.mark.parametrize("gain", [1e-5, 1.0])
def test_sdr_is_that_of_fast_bss_eval(gain: float) -> None:
    references = voices(1, 3, seconds=1.0)[0].double()
    references = references - references.mean(-1, keepdim=True)
    estimates = (references + 0.2 * references.roll(1, dims=0)).flip(0)
    theirs, theirs_order = fast_bss_eval.sdr(
        references.numpy(), estimates.numpy(), return_perm=True
    )
    ours, order = pit_sdr(estimates=gain * estimates, references=references)
    assert order == theirs_order.tolist() == [2, 1, 0]
    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-3)


def test_sdr_of_orthogonal_noise_is_near_its_snr() -> None:
    """512 taps take their share of the noise: 512 of 40,000 dimensions."""
    reference, noise = orthogonal_pair(seed=5, samples=40_000)
    estimate = reference + 0.1 * noise
    found, _ = pit_sdr(estimates=estimate[None], references=reference[None])
    assert found.item() == pytest.approx(20, abs=0.3)


def test_sdr_forgives_a_delay_that_si_snr_does_not() -> None:
    reference, _ = orthogonal_pair(seed=6)
    delayed = reference.roll(5)
    delayed[:5] = 0
    found, _ = pit_sdr(estimates=delayed[None], references=reference[None])
    assert found.item() > 25
    assert si_snr(estimate=delayed, reference=reference).item() < 0


def test_sdr_refuses_silence_other_counts_and_short_signals() -> None:
    speech = voices(1, 2)[0]
    silent = speech * torch.tensor([[1.0], [0.0]])
    with pytest.raises(ValueError, match="undefined for a silent signal: estimate"):
        pit_sdr(estimates=silent, references=speech)
    with pytest.raises(ValueError, match="undefined for a silent signal: reference"):
        pit_sdr(estimates=speech, references=silent)
    with pytest.raises(ValueError, match="both must be one"):
        pit_sdr(estimates=speech[:1], references=speech)
    with pytest.raises(ValueError, match="512 samples; SDR forgives a filter of 512"):
        pit_sdr(estimates=speech[:, :512], references=speech[:, :512])
