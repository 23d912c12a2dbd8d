"""The shipped estimator knows good from bad."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from estimator import BlindEstimator, load, weights
from estimator.calibration import measure
from estimator.material.examples import Examples
from estimator.material.mixer import Mixer
from estimator.material.recordings import Recordings
from tests.estimator.synthetic import RATE, voices

SPEECH = Path(__file__).parents[3] / "shared" / "speech"


def dev_mixer() -> Mixer:
    return Mixer(
        Recordings.under(SPEECH / "dev"), Recordings.under(SPEECH / "noise", "dev")
    )


@pytest.fixture(scope="module")
def estimator() -> BlindEstimator:
    found = load()
    assert isinstance(found, BlindEstimator)
    return found


def from_clean_to_mixture(sources: Tensor, mixture: Tensor) -> list[Tensor]:
    """Estimates from the true sources through leaky ones to the mixture itself."""
    leaky = [sources + leak * sources.flip(0) for leak in (0.05, 0.3)]
    return [sources, *leaky, mixture.expand_as(sources)]


def predicted(
    estimator: BlindEstimator, mixture: Tensor, versions: list[Tensor]
) -> Tensor:
    """Mean over the sources, (version,)."""
    prediction = estimator.predict(
        mixture.expand(len(versions), -1), torch.stack(versions), RATE
    )
    return prediction.si_snr_db.mean(1)


def test_the_shipped_weights_are_small_and_have_a_card() -> None:
    path = weights.path_of("default")
    card = json.loads(path.with_suffix(".json").read_text())
    assert path.stat().st_size < 2_500_000
    assert card["unseen_speakers"]["n"] >= 600
    assert card["unseen_speakers"]["pearson"] > 0.7
    assert card["range_db"] == [-10, 30]
    assert any("LibriSpeech" in line for line in card["attributions"])


def test_a_prediction_may_lie_above_10_db(
    estimator: BlindEstimator,
) -> None:
    """REAL-M's scale ends at 0 and 10 dB, where every current separator is."""
    sources = voices(1, 2)[0]
    scores = predicted(
        estimator, sources.sum(0), from_clean_to_mixture(sources, sources.sum(0))
    )
    assert scores[0] > 12
    assert scores[-1] < 5


@pytest.mark.speech
def test_clean_ranks_above_leaky_above_the_mixture(estimator: BlindEstimator) -> None:
    mixer = dev_mixer()
    kept = 0
    for seed in range(10):
        truth = mixer.scene(np.random.default_rng(seed))
        mixture = torch.from_numpy(truth.mixture)
        versions = from_clean_to_mixture(torch.from_numpy(truth.sources), mixture)
        scores = predicted(estimator, mixture, versions)
        kept += bool((scores.diff() < 0).all())
    assert kept >= 9


def test_noise_for_speech_is_out_of_domain(estimator: BlindEstimator) -> None:
    generator = torch.Generator().manual_seed(0)
    mixture = torch.sin(torch.arange(3 * RATE) * 0.9)[None]
    estimates = torch.randn(1, 2, 3 * RATE, generator=generator)
    assert not estimator.predict(mixture, estimates, RATE).in_domain.any()


@pytest.mark.speech
def test_figures_of_the_card_hold_on_unseen_speakers() -> None:
    trained, _ = weights.read(weights.path_of("default"))
    figures = measure(trained, [*Examples(dev_mixer(), seed=0, count=20)])
    assert figures.agreement.pearson > 0.7
    assert figures.agreement.mae_db < 5
    assert 0.5 < figures.agreement.within_one_std < 0.95
    assert figures.within_95 > 0.85
    assert figures.in_domain > 0.9
