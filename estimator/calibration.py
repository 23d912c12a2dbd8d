"""What is measured after training: the spread of errors, the domain, the figures."""

import math
from collections.abc import Sequence

import torch

from estimator.domain import Domain
from estimator.evaluation.agreement import Agreement, agreement
from estimator.features import Features
from estimator.material.examples import Example, collate
from estimator.network import HIGH_DB, LOW_DB, Output, SepQE
from estimator.weights import Trained

CHUNK = 60  # items through the network at once


def calibrate(network: SepQE, examples: Sequence[Example]) -> Trained:
    """Spread and domain on speakers that training did not see."""
    batch = collate(examples)
    output = predicted(network, batch.features)
    expected = 2 * output.log_scale.exp().square().mean()  # variance of a Laplace
    error = output.mean_db - batch.si_snr_db
    spread = (error.square().mean() / expected).sqrt()
    return Trained(network, Domain.around(batch.features), spread)


def measure(trained: Trained, examples: Sequence[Example]) -> Agreement:
    """Agreement with the truth on examples of unseen speakers."""
    batch = collate(examples)
    output = predicted(trained.network, batch.features)
    std_db = math.sqrt(2) * output.log_scale.exp() * trained.spread
    return agreement(
        predicted_db=output.mean_db.clamp(LOW_DB, HIGH_DB).numpy(),
        measured_db=batch.si_snr_db.numpy(),
        std_db=std_db.numpy(),
    )


@torch.inference_mode()
def predicted(network: SepQE, features: Features) -> Output:
    """The network's output for any number of items."""
    outputs = [
        network(Features(*(part[start : start + CHUNK] for part in features)))
        for start in range(0, len(features.maps), CHUNK)
    ]
    return Output(*(torch.cat(values) for values in zip(*outputs, strict=True)))
