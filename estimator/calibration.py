"""What is measured after training: intervals, the domain, the figures."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from estimator.domain import Domain
from estimator.evaluation.agreement import Agreement, agreement
from estimator.features import Features
from estimator.intervals import ENDS, Intervals
from estimator.material.examples import Example, collate
from estimator.network import HIGH_DB, LOW_DB, Output, SepQE
from estimator.weights import Trained

CHUNK = 60  # items through the network at once


class Figures(NamedTuple):
    """What was found on examples of unseen speakers."""

    agreement: Agreement
    within_95: float  # share of truths inside the 95 % interval
    in_domain: float  # share of items called familiar
    predicted_db: Tensor  # (item,)
    measured_db: Tensor  # (item,)


def calibrate(network: SepQE, examples: Sequence[Example]) -> Trained:
    """Intervals and domain on speakers that training did not see."""
    batch = collate(examples)
    output = predicted(network, batch.features)
    domain = Domain.around(batch.features, output.summary)
    return Trained(network, domain, Intervals.measured(output, batch.si_snr_db))


def measure(trained: Trained, examples: Sequence[Example]) -> Figures:
    """Agreement with the truth on examples of unseen speakers."""
    batch = collate(examples)
    output = predicted(trained.network, batch.features)
    around = trained.intervals.around(output)
    mean_db, truth = output.mean_db.clamp(LOW_DB, HIGH_DB), batch.si_snr_db
    low_db, high_db = (around[:, 1 + [*ENDS].index(x)] for x in ("low_95", "high_95"))
    familiar = trained.domain.holds(batch.features, output.summary)
    return Figures(
        agreement(
            predicted_db=mean_db.numpy(),
            measured_db=truth.numpy(),
            std_db=around[:, 0].numpy(),
        ),
        ((low_db <= truth) & (truth <= high_db)).float().mean().item(),
        familiar.float().mean().item(),
        mean_db,
        truth,
    )


@torch.inference_mode()
def predicted(network: SepQE, features: Features) -> Output:
    """The network's output for any number of items, on the CPU."""
    network.eval()
    device = next(network.parameters()).device
    chunks = zip(*(part.split(CHUNK) for part in features), strict=True)  # type: ignore[no-untyped-call]
    outputs = [network(Features(*(x.to(device) for x in chunk))) for chunk in chunks]
    return Output(*(torch.cat(values).cpu() for values in zip(*outputs, strict=True)))
