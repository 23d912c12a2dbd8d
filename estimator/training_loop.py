"""The loop that fits the network to an endless stream of degraded estimates."""

import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from estimator.features import Features
from estimator.material.examples import VERSIONS, Example, Examples, collate
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate
from estimator.network import Output, SepQE

ITEMS = 2 * VERSIONS  # per mixture
FRESH, AGAIN = 3, 6  # mixtures per step: new ones, and earlier ones once more
REMEMBERED = 3_000  # mixtures: 1.6 GB at half precision
WARM_UP = 0.03  # of the whole time
MARGIN_DB = 1.0
LOG_EVERY = 100  # steps
ENDLESS = 10**9

log = logging.getLogger(__name__)
Clock = Callable[[], float]


def fit(
    network: SepQE,
    mixer: Mixer,
    *,
    seconds: float,
    rate: float = 2e-3,
    seed: int = 0,
    separate: Sequence[Separate] = (),
    clock: Clock = time.monotonic,
) -> int:
    """Train the network for about this long, in place.

    Returns:
        The number of different mixtures seen.
    """
    torch.manual_seed(seed)
    network.train()
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=1e-3)
    begin, done = clock(), 0.0
    stream = remembering(_stream(mixer, seed, separate), np.random.default_rng(seed))
    for step, batch in enumerate(stream):
        for group in optimizer.param_groups:
            group["lr"] = rate * _schedule(done)
        output = network(batch.features)
        optimizer.zero_grad()
        torch.autograd.backward(loss(output, batch))
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        if step % LOG_EVERY == 0:
            _report(step, done, output, batch)
        done = (clock() - begin) / seconds
        if done >= 1:
            break
    network.eval()
    return FRESH * (step + 1)


def loss(output: Output, batch: Example) -> Tensor:
    """Laplace likelihood, ranking within each mixture, and the curve."""
    error = (output.mean_db - batch.si_snr_db).abs()
    likelihood = (error * torch.exp(-output.log_scale) + output.log_scale).mean()
    known = batch.curve_db.isfinite()
    course = (output.curve_db - batch.curve_db)[known].abs().mean()
    ranking = _ranking(output.mean_db, batch.si_snr_db)
    return likelihood + 0.2 * ranking + 0.1 * course


def _ranking(predicted: Tensor, measured: Tensor) -> Tensor:
    """Hinge over all pairs of one mixture whose SI-SNR differs by the margin."""
    predicted, measured = predicted.view(-1, ITEMS), measured.view(-1, ITEMS)
    wanted = measured[:, :, None] - measured[:, None, :]
    found = predicted[:, :, None] - predicted[:, None, :]
    apart = wanted > MARGIN_DB
    return (torch.relu(MARGIN_DB - found) * apart).sum() / apart.sum().clamp(min=1)


def _schedule(done: float) -> float:
    if done < WARM_UP:
        return 0.05 + done / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * min(done, 1.0))


def _stream(
    mixer: Mixer, seed: int, separate: Sequence[Separate]
) -> Iterator[list[Example]]:
    """New examples, `FRESH` at a time, made in a process of their own."""
    return iter(
        DataLoader(
            Examples(mixer, seed, count=ENDLESS, separate=separate),
            sampler=range(ENDLESS),
            batch_size=FRESH,
            num_workers=1,
            prefetch_factor=8,
            collate_fn=list,
            worker_init_fn=_one_thread,
        )
    )


def remembering(
    stream: Iterator[list[Example]], rng: np.random.Generator
) -> Iterator[Example]:
    """Batches of new examples with earlier ones, because a new one costs the most."""
    memory: list[Example] = []
    for fresh in stream:
        count = AGAIN if memory else 0
        picked = [memory[int(rng.integers(len(memory)))] for _ in range(count)]
        again = [_with_maps(example, torch.float32) for example in picked]
        yield collate([*fresh, *again])
        for example in fresh:
            halved = _with_maps(example, torch.float16)
            if len(memory) < REMEMBERED:
                memory.append(halved)
            else:
                memory[int(rng.integers(REMEMBERED))] = halved


def _with_maps(example: Example, precision: torch.dtype) -> Example:
    maps, scalars = example.features
    return example._replace(features=Features(maps.to(precision), scalars))


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)


def _report(step: int, done: float, output: Output, batch: Example) -> None:
    error = (output.mean_db - batch.si_snr_db).abs().mean()
    log.info(
        "step %d, %.0f %% of the time: MAE %.2f dB, own spread %.2f dB",
        step,
        100 * done,
        error.item(),
        output.log_scale.exp().mean().item(),
    )
