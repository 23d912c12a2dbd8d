"""SI-SNR and its permutation: answers known in closed form."""

import fast_bss_eval
import pytest
import torch

from estimator import pit_si_snr, si_snr, si_snr_improvement
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


def test_si_snr_refuses_nan() -> None:
    with pytest.raises(ValueError, match="estimate holds NaN or infinite samples"):
        si_snr(estimate=torch.full((10,), torch.nan), reference=torch.randn(10))


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
