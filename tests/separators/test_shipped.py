"""The shipped separators really separate speakers that they never heard."""

from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor

import separators
from separators.networks import architectures
from separators.training.pairing import improvement, paired, si_snr
from separators.training.speech import load_speech
from separators.training.train import development_mixtures

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "speech" / "dev"
SHIPPED = [name for name in separators.names() if separators.card(name)]
SOME = 12  # of the fixed development mixtures

pytestmark = pytest.mark.speech


@cache
def development(sources: int = 2) -> tuple[Tensor, Tensor]:
    pool = load_speech(SPEECH, 8000)
    mixtures, references = development_mixtures(pool, sources=sources)
    return mixtures[:SOME], references[:SOME]


@cache
def improvement_of(name: str) -> float:
    mixtures, references = development(separators.info(name).sources)
    estimates = separators.load(name).separate(mixtures)
    return improvement(mixtures, estimates, references).mean().item()


@pytest.mark.parametrize(
    ("name", "at_least_db"),
    [
        ("convtasnet-small", 1.5),
        ("dprnn-small", 2.0),
        ("sepformer-small", 0.5),
        ("mask-lstm", 5.0),
        ("mask-lstm-3", 2.5),
    ],
)
def test_estimates_are_nearer_to_the_references_than_the_mixture_is(
    name: str, at_least_db: float
) -> None:
    assert improvement_of(name) > at_least_db


@pytest.mark.parametrize(
    "name", ["convtasnet-small", "dprnn-small", "sepformer-small", "mask-lstm"]
)
def test_a_longer_training_separates_better(name: str) -> None:
    early, middle = improvement_of(f"{name}-early"), improvement_of(f"{name}-middle")
    assert early < middle < improvement_of(name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_card_tells_the_parameters_of_its_network(name: str) -> None:
    network = architectures.build(
        architectures.read_config(separators.card(name)["config"])
    )
    found = sum(weight.numel() for weight in network.parameters())
    assert separators.info(name).parameters == found


@pytest.mark.parametrize("name", ["convtasnet-small", "mask-lstm"])
def test_estimates_keep_the_level_of_their_source(name: str) -> None:
    mixtures, references = development()
    estimates = paired(separators.load(name).separate(mixtures), references)
    gains = estimates.norm(dim=-1) / references.norm(dim=-1)
    assert 0.4 < gains.median().item() < 1.2
    assert si_snr(estimates=estimates, references=references).isfinite().all()


def test_separating_takes_less_time_than_listening() -> None:
    import time

    separator = separators.load("convtasnet-small")
    mixture = torch.randn(1, 8 * separator.sample_rate)
    separator.separate(mixture)
    started = time.process_time()
    separator.separate(mixture)
    assert time.process_time() - started < 8
