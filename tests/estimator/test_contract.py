"""What every estimator keeps, whatever is behind it."""

import pytest
import torch
from torch import Tensor

import estimator
from estimator.peers import realm
from estimator.peers.dnsmos import Dnsmos
from estimator.peers.projection import MixtureProjection
from estimator.peers.realm_network import RealMNetwork
from tests.estimator.synthetic import RATE, untrained_estimator, voices

SECONDS = 2.3  # one window of DNSMOS


def random_realm() -> realm.RealM:
    torch.manual_seed(0)
    return realm.RealM(RealMNetwork(), realm.PUBLISHED, name="realm", revision="0")


JUDGES = (untrained_estimator(), random_realm(), MixtureProjection(), Dnsmos())


@pytest.fixture(params=JUDGES, ids=lambda judge: judge.name)
def judge(request: pytest.FixtureRequest) -> estimator.Estimator:
    found: estimator.Estimator = request.param
    return found


def given(items: int = 1) -> tuple[Tensor, Tensor]:
    sources = voices(items, 2, SECONDS)
    return sources.sum(1), sources + 0.3 * sources.flip(1)


def test_a_figure_for_each_estimate_in_its_stated_unit(
    judge: estimator.Estimator,
) -> None:
    mixtures, estimates = given()
    before = mixtures.clone(), estimates.clone()
    found = judge.predict(mixtures, estimates, RATE)
    assert found.value.shape == found.std.shape == found.in_domain.shape == (1, 2)
    assert found.curve.shape[:2] == (1, 2)
    assert found.unit == judge.unit
    assert found.value.isfinite().all()
    assert torch.equal(mixtures, before[0])
    assert torch.equal(estimates, before[1])


def test_the_rest_of_the_batch_changes_nothing(judge: estimator.Estimator) -> None:
    mixtures, estimates = given(2)
    together = judge.predict(mixtures, estimates, RATE).value
    alone = judge.predict(mixtures[1:], estimates[1:], RATE).value
    assert torch.equal(together[1:], alone)


@pytest.mark.parametrize("gain", [1e-5, 1e4])
def test_no_gain_changes_a_figure(judge: estimator.Estimator, gain: float) -> None:
    mixtures, estimates = given()
    plain = judge.predict(mixtures, estimates, RATE).value
    gained = judge.predict(gain * mixtures, gain * estimates, RATE).value
    assert torch.allclose(plain, gained, atol=0.01)


@pytest.mark.parametrize(
    ("sample", "message"),
    [(0.0, "estimate 1 of mixture 0 .* is silent"), (torch.nan, "NaN or infinite")],
)
def test_silence_and_nan_are_refused(
    judge: estimator.Estimator, sample: float, message: str
) -> None:
    mixtures, estimates = given()
    estimates[0, 1] = sample
    with pytest.raises(ValueError, match=message):
        judge.predict(mixtures, estimates, RATE)


def test_what_does_not_fit_together_is_refused(judge: estimator.Estimator) -> None:
    mixtures, estimates = given()
    with pytest.raises(ValueError, match="batch and time must be the same in both"):
        judge.predict(mixtures[:, :-1], estimates, RATE)
    with pytest.raises(ValueError, match="expected .batch, time. and .batch, source"):
        judge.predict(mixtures[:, None].expand(-1, 3, -1), estimates, RATE)
    with pytest.raises(ValueError, match="last 0.01 s at 8000 Hz"):
        judge.predict(mixtures[:, :80], estimates[..., :80], RATE)
    with pytest.raises(ValueError, match="sample_rate is -1; give it in Hz"):
        judge.predict(mixtures, estimates, -1)
