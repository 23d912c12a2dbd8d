"""The contract of the blind estimator, whatever its weights."""

import subprocess
import sys

import pytest
import torch
import torch.nn.functional as F

from estimator import BlindEstimator, Prediction
from tests.estimator.synthetic import RATE, untrained_estimator, voices


@pytest.fixture(scope="module")
def estimator() -> BlindEstimator:
    return untrained_estimator()


def batch_of(items: int, sources: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Different mixtures with leaky estimates."""
    voiced = voices(items, sources)
    return voiced.sum(1), voiced + 0.3 * voiced.roll(1, dims=1)


def same(one: Prediction, other: Prediction) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one[:4], other[:4], strict=True))


def test_each_estimate_is_judged_beside_its_own_mixture(
    estimator: BlindEstimator,
) -> None:
    """The public REAL-M code pairs estimates with the wrong mixtures of a batch."""
    mixtures, estimates = batch_of(4)
    together = estimator.predict(mixtures, estimates, RATE)
    for item in range(4):
        alone = estimator.predict(
            mixtures[item : item + 1], estimates[item : item + 1], RATE
        )
        for figure, expected in zip(alone[:4], together[:4], strict=True):
            assert torch.equal(figure[0], expected[item])
    figures = set(together.si_snr_db.flatten().tolist())
    assert len(figures) == 8, "eight different estimates gave equal figures"


@pytest.mark.parametrize("sources", [2, 3, 5])
def test_any_number_of_sources_is_judged(
    estimator: BlindEstimator, sources: int
) -> None:
    prediction = estimator.predict(*batch_of(2, sources), RATE)
    assert prediction.si_snr_db.shape == (2, sources)
    assert prediction.std_db.shape == (2, sources)
    assert prediction.in_domain.shape == (2, sources)
    assert prediction.curve_db.shape[:2] == (2, sources)


def test_order_of_the_estimates_does_not_matter(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(1)
    straight = estimator.predict(mixtures, estimates, RATE)
    turned = estimator.predict(mixtures, estimates.flip(1), RATE)
    assert torch.allclose(straight.si_snr_db, turned.si_snr_db.flip(1), atol=1e-3)


@pytest.mark.parametrize("gain", [1e-5, -3.0, 1e4])
def test_no_gain_changes_a_figure(estimator: BlindEstimator, gain: float) -> None:
    mixtures, estimates = batch_of(1)
    expected = estimator.predict(mixtures, estimates, RATE)
    for one, other, first in ((gain, 1.0, 1.0), (1.0, gain, 1.0), (1.0, 1.0, gain)):
        scaled = estimates.clone() * other
        scaled[:, 0] *= first
        found = estimator.predict(one * mixtures, scaled, RATE)
        assert torch.allclose(found.si_snr_db, expected.si_snr_db, atol=0.01)


def test_the_same_call_gives_the_same_answer(estimator: BlindEstimator) -> None:
    """The public REAL-M code adds random noise to its pooled statistics."""
    mixtures, estimates = batch_of(2)
    first = estimator.predict(mixtures, estimates, RATE)
    assert same(first, estimator.predict(mixtures, estimates, RATE))


@pytest.mark.parametrize("sample_rate", [16_000, 44_100, 48_000])
def test_other_sample_rates_are_resampled(
    estimator: BlindEstimator, sample_rate: int
) -> None:
    """The public REAL-M code takes 16 kHz for 8 kHz."""
    mixtures, estimates = batch_of(1)
    signals = torch.cat([mixtures[:, None], estimates], dim=1)
    samples = signals.shape[-1] * sample_rate // RATE
    raised = torch.fft.irfft(torch.fft.rfft(signals), samples)
    expected = estimator.predict(mixtures, estimates, RATE)
    found = estimator.predict(raised[:, 0], raised[:, 1:], sample_rate)
    assert torch.allclose(found.si_snr_db, expected.si_snr_db, atol=0.5)
    assert found.curve_db.shape == expected.curve_db.shape


def test_curve_has_a_point_for_every_frame(estimator: BlindEstimator) -> None:
    prediction = estimator.predict(*batch_of(1), RATE)
    points = prediction.curve_db.shape[-1]
    assert points == pytest.approx(3 * prediction.frame_rate, abs=1)


def test_figures_stay_in_the_stated_range(estimator: BlindEstimator) -> None:
    prediction = estimator.predict(*batch_of(2), RATE)
    assert (estimator.low_db, estimator.high_db) == (-10, 30)
    for figures in (prediction.si_snr_db, prediction.curve_db):
        assert ((figures >= -10) & (figures <= 30)).all()
    assert (prediction.std_db > 0).all()


def test_the_arguments_are_left_as_they_were(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(1)
    before = mixtures.clone(), estimates.clone()
    estimator.predict(mixtures, estimates, RATE)
    assert torch.equal(mixtures, before[0])
    assert torch.equal(estimates, before[1])


@pytest.mark.parametrize("sample_rate", [RATE, 16_000])
def test_digital_silence_around_the_sound_changes_nothing(
    estimator: BlindEstimator, sample_rate: int
) -> None:
    mixtures, estimates = (
        x.repeat_interleave(sample_rate // RATE, -1) for x in batch_of(1)
    )
    expected = estimator.predict(mixtures, estimates, sample_rate)
    for before, after in ((0, 2), (2, 0), (1, 10)):
        pad = (before * sample_rate, after * sample_rate)
        padded = F.pad(mixtures, pad), F.pad(estimates, pad)
        found = estimator.predict(*padded, sample_rate)
        assert torch.allclose(found.si_snr_db, expected.si_snr_db, atol=0.05)
        points = (mixtures.shape[-1] / sample_rate + before + after) * found.frame_rate
        assert found.curve_db.shape[-1] == pytest.approx(points, abs=1)


def test_order_of_the_other_sources_does_not_matter(
    estimator: BlindEstimator,
) -> None:
    mixtures, estimates = batch_of(1, 4)
    expected = estimator.predict(mixtures, estimates, RATE)
    found = estimator.predict(mixtures, estimates[:, [0, 3, 1, 2]], RATE)
    order = torch.tensor([0, 3, 1, 2])
    assert torch.allclose(found.si_snr_db, expected.si_snr_db[:, order], atol=1e-3)


def test_intervals_hold_the_value_they_belong_to_in_order(
    estimator: BlindEstimator,
) -> None:
    parts = estimator.predict(*batch_of(2), RATE).parts
    ends = [parts[name] for name in ("low_95", "low_68", "high_68", "high_95")]
    assert (torch.stack(ends).diff(dim=0) >= 0).all()
    assert set(parts) >= {"leakage", "distortion", "mixture"}
    assert all(figures.shape == (2, 2) for figures in parts.values())


def test_long_recordings_need_little_memory() -> None:
    """Ten minutes at 8 kHz, in a process of their own, torch included."""
    program = (
        "import torch; torch.set_num_threads(1)\n"
        "from estimator.benchmark import peak_megabytes\n"
        "from tests.estimator.synthetic import untrained_estimator\n"
        "judge = untrained_estimator()\n"
        "noise = torch.rand(1, 2, 600 * 8000) - 0.5\n"
        "judge.predict(noise.sum(1), noise, 8000)\n"
        "print(peak_megabytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 1000


@pytest.mark.parametrize("level", [0.0, 0.2])
def test_a_silent_estimate_is_refused_by_name(
    estimator: BlindEstimator, level: float
) -> None:
    mixtures, estimates = batch_of(3)
    estimates[2, 1] = level
    with pytest.raises(ValueError, match=r"estimate 1 of mixture 2 .* is silent"):
        estimator.predict(mixtures, estimates, RATE)


def test_a_silent_mixture_is_refused_by_name(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(2)
    mixtures[1] = 0
    with pytest.raises(ValueError, match=r"^mixture 1 \(counted from 0\) is silent"):
        estimator.predict(mixtures, estimates, RATE)


def test_nan_is_refused_by_name(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(1)
    estimates[0, 0, 5] = torch.nan
    with pytest.raises(ValueError, match="estimate 0 of mixture 0 .* holds NaN"):
        estimator.predict(mixtures, estimates, RATE)


def test_shapes_that_do_not_fit_are_refused(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(2)
    with pytest.raises(ValueError, match=r"expected \(batch, time\) and \(batch, sou"):
        estimator.predict(mixtures[0], estimates, RATE)
    with pytest.raises(ValueError, match="batch and time must be the same in both"):
        estimator.predict(mixtures[:1], estimates, RATE)
    with pytest.raises(ValueError, match="compares at least two estimates"):
        estimator.predict(mixtures, estimates[:, :1], RATE)


def test_rate_and_length_that_cannot_be_are_refused(estimator: BlindEstimator) -> None:
    mixtures, estimates = batch_of(1)
    with pytest.raises(ValueError, match="sample_rate is 0; give it in Hz"):
        estimator.predict(mixtures, estimates, 0)
    with pytest.raises(ValueError, match=r"last 0.10 s at 8000 Hz; .* 0.5 s or more"):
        estimator.predict(mixtures[:, :800], estimates[..., :800], RATE)
