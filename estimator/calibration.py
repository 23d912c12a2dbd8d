"""What is measured after training: the spread of errors, the domain, the figures."""

import math

import torch

from estimator.agreement import Agreement, agreement
from estimator.data import Mixer
from estimator.domain import Domain
from estimator.examples import Example, Examples, collate
from estimator.features import Features
from estimator.network import Output, SepQE
from estimator.weights import Trained

VALIDATION_SEED, FIGURES_SEED = 1_000_001, 1_000_002
CHUNK = 60  # items through the network at once


def calibrate(network: SepQE, mixer: Mixer, mixtures: int) -> Trained:
    """Spread and domain on speakers that training did not see."""
    output, batch = predicted(network, mixer, VALIDATION_SEED, mixtures)
    expected = 2 * output.log_scale.exp().square().mean()  # variance of a Laplace
    error = output.mean_db - batch.si_snr_db
    spread = (error.square().mean() / expected).sqrt()
    return Trained(network, Domain.around(batch.features), spread)


def measure(trained: Trained, mixer: Mixer, mixtures: int) -> Agreement:
    """Agreement with the truth on a mixer of unseen speakers."""
    output, batch = predicted(trained.network, mixer, FIGURES_SEED, mixtures)
    std_db = math.sqrt(2) * output.log_scale.exp() * trained.spread
    return agreement(
        predicted_db=output.mean_db.numpy(),
        measured_db=batch.si_snr_db.numpy(),
        std_db=std_db.numpy(),
    )


@torch.inference_mode()
def predicted(
    network: SepQE, mixer: Mixer, seed: int, mixtures: int
) -> tuple[Output, Example]:
    """What the network says of `mixtures` mixtures, and what is true."""
    examples = Examples(mixer, seed, mixtures)
    batch = collate([examples[index] for index in range(mixtures)])
    outputs = [
        network(Features(*(part[start : start + CHUNK] for part in batch.features)))
        for start in range(0, len(batch.si_snr_db), CHUNK)
    ]
    merged = (torch.cat(values) for values in zip(*outputs, strict=True))
    return Output(*merged), batch
