"""The loop that fits the network to an endless stream of degraded estimates."""

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from estimator.calibration import predicted
from estimator.features import Features
from estimator.material.examples import SHARED, Example, Examples, collate
from estimator.network import HIGH_DB, LOW_DB, Output, SepQE

TOGETHER = 2 * SHARED  # mixtures in a step
ROUNDS = 2  # steps for each SHARED new mixtures; the rest are earlier ones once more
REMEMBERED = 2_000  # mixtures: about 1.5 GB at half precision
WARM_UP = 0.03  # of the whole budget
MARGIN_DB = 6.0  # versions further apart need only be told apart by this much
AVERAGE = 0.995  # decay of the running average, which is what is measured and kept
MEASUREMENTS = 30  # on held-out speakers, in one budget
ENDLESS = 10**9

Clock = Callable[[], float]
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to learn."""

    minutes: float = 30.0
    steps: int | None = None  # in place of minutes: then one seed gives one result
    rate: float = 2e-3
    patience: int = 10  # measurements without gain after which to stop
    workers: int = 1  # processes that make examples
    device: str = "cpu"

    def done(self, steps: int, seconds: float) -> float:
        """Share of the budget that is spent."""
        return steps / self.steps if self.steps else seconds / (60 * self.minutes)

    def rate_at(self, done: float) -> float:
        """Warm-up, then down along a cosine."""
        if done < WARM_UP:
            return self.rate * (0.05 + done / WARM_UP)
        return self.rate * (0.5 + 0.5 * math.cos(math.pi * min(done, 1.0)))


@dataclass
class Progress:
    """Where a training stands; saved with each checkpoint."""

    steps: int = 0
    seconds: float = 0.0
    measurements: int = 0
    best_mae_db: float = math.inf
    waited: int = 0  # measurements since the best


class Report(NamedTuple):
    """One line of the log."""

    steps: int
    seconds: float
    done: float  # share of the budget
    rate: float
    loss: float
    mae_db: float  # of this step's batch
    held_out_mae_db: float | None  # measured now and then
    held_out_bias_db: float | None


class Trainer:
    """Network, optimizer, running average and the best so far; resumes from a file."""

    def __init__(self, network: SepQE, schedule: Schedule, *, seed: int) -> None:
        self.network = network.to(schedule.device)
        self.schedule, self.seed = schedule, seed
        self.device = torch.device(schedule.device)
        self.optimizer = torch.optim.AdamW(
            network.parameters(), schedule.rate, weight_decay=1e-2
        )
        self.average = copy.deepcopy(network).eval()
        self.best: Weights = copy.deepcopy(self.average.state_dict())
        self.progress = Progress()

    @property
    def seen(self) -> int:
        """Different mixtures so far."""
        return SHARED * -(-self.progress.steps // ROUNDS)

    @property
    def done(self) -> float:
        return self.schedule.done(self.progress.steps, self.progress.seconds)

    @property
    def is_over(self) -> bool:
        waited = self.progress.waited >= self.schedule.patience
        return waited or self.done >= 1

    def step(self, batch: Example) -> tuple[float, float]:
        """Learn from one batch; its loss and MAE in dB."""
        torch.manual_seed(self.seed + self.progress.steps)  # for dropout, resumed too
        self.network.train()
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate_at(self.done)
        batch = moved(batch, self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            output = self.network(batch.features)
        value = loss(Output(*(part.float() for part in output)), batch)
        self.optimizer.zero_grad()
        torch.autograd.backward(value)
        nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.progress.steps += 1
        self._average_in()
        mae_db = (output.mean_db.float() - batch.si_snr_db).abs().mean()
        return value.item(), mae_db.item()

    @torch.no_grad()
    def _average_in(self) -> None:
        steps = self.progress.steps
        decay = min(AVERAGE, (1 + steps) / (10 + steps))  # early on it forgets quickly
        now = self.network.state_dict()
        for name, value in self.average.state_dict().items():
            if value.is_floating_point():
                value.lerp_(now[name], 1 - decay)
            else:
                value.copy_(now[name])

    def is_due(self) -> bool:
        return self.done >= (self.progress.measurements + 1) / MEASUREMENTS

    def measured(self, held_out: Example) -> tuple[float, float]:
        """MAE and bias in dB of the running average; remembers the best weights."""
        found = predicted(self.average, held_out.features).mean_db
        error = found.clamp(LOW_DB, HIGH_DB) - held_out.si_snr_db
        mae_db = error.abs().mean().item()
        self.progress.measurements = int(self.done * MEASUREMENTS)
        self.progress.waited += 1
        if mae_db < self.progress.best_mae_db:
            self.progress.best_mae_db, self.progress.waited = mae_db, 0
            self.best = copy.deepcopy(self.average.state_dict())
        return mae_db, error.mean().item()

    def save(self, path: Path) -> None:
        """Write everything needed to go on, whole or not at all."""
        part = path.with_suffix(".part")
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
        }
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path) -> None:
        """Take up a training where `save` left it.

        Raises:
            ValueError: if there is no such file.
        """
        if not path.exists():
            raise ValueError(
                f"there is no {path} to go on from; leave out --resume to start anew"
            )
        state: dict[str, Any] = torch.load(
            path, map_location=self.device, weights_only=True
        )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.best = state["best"]
        self.progress = Progress(**state["progress"])


def fit(
    trainer: Trainer,
    stream: Iterator[list[Example]],
    held_out: Example,
    *,
    checkpoint: Path | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Report]:
    """Train until the budget is spent or nothing is gained; yields every step.

    The trainer's network ends with the best weights on the held-out speakers.
    """
    progress = trainer.progress
    begin = clock() - progress.seconds
    rng = np.random.default_rng([trainer.seed, progress.steps])
    for batch in remembering(stream, rng):
        if trainer.is_over:
            break
        rate = trainer.schedule.rate_at(trainer.done)
        found = trainer.step(batch)
        progress.seconds = clock() - begin
        held: tuple[float | None, float | None] = (None, None)
        if trainer.is_due():
            held = trainer.measured(held_out)
            if checkpoint:
                trainer.save(checkpoint)
        yield Report(
            progress.steps, progress.seconds, trainer.done, rate, *found, *held
        )
    if not progress.measurements:
        trainer.measured(held_out)
    trainer.network.load_state_dict(trainer.best)
    trainer.network.eval()


def loss(output: Output, batch: Example) -> Tensor:
    """Laplace likelihood, differences within each mixture, the curve and the sides."""
    error = (output.mean_db - batch.si_snr_db).abs()
    likelihood = (error * torch.exp(-output.log_scale) + output.log_scale).mean()
    known = batch.curve_db.isfinite()
    course = (output.curve_db - batch.curve_db)[known].abs().mean()
    sides = (output.sides_db - batch.side_db).abs().mean()
    ranking = _ranking(output.mean_db, batch)
    return likelihood + 0.2 * ranking + 0.1 * course + 0.03 * sides


def _ranking(mean_db: Tensor, batch: Example) -> Tensor:
    """What is missing of the difference of two items of one mixture, up to a margin."""
    wanted = batch.si_snr_db[:, None] - batch.si_snr_db
    found = mean_db[:, None] - mean_db
    apart = (wanted > 1) & (batch.mixture[:, None] == batch.mixture)
    missing = torch.relu(wanted.clamp(max=MARGIN_DB) - found)
    return (missing * apart).sum() / apart.sum().clamp(min=1)


def streamed(
    examples: Examples, *, workers: int, first: int = 0
) -> Iterator[list[Example]]:
    """New examples, SHARED at a time, made in processes of their own, in order."""
    return iter(
        DataLoader(
            examples,
            sampler=range(first, ENDLESS),
            batch_size=SHARED,
            num_workers=workers,
            prefetch_factor=4,
            collate_fn=list,
            worker_init_fn=_one_thread,
        )
    )


def remembering(
    stream: Iterator[list[Example]], rng: np.random.Generator
) -> Iterator[Example]:
    """Batches of new examples with earlier ones, because a new one costs the most."""
    memory: list[Example] = []

    def again(count: int) -> list[Example]:
        picked = [memory[int(rng.integers(len(memory)))] for _ in range(count)]
        return [_with_maps(example, torch.float32) for example in picked]

    for fresh in stream:
        yield collate([*fresh, *again(TOGETHER - len(fresh) if memory else 0)])
        for example in fresh:
            halved = _with_maps(example, torch.float16)
            if len(memory) < REMEMBERED:
                memory.append(halved)
            else:
                memory[int(rng.integers(REMEMBERED))] = halved
        for _ in range(ROUNDS - 1):
            yield collate(again(TOGETHER))


def moved(batch: Example, device: torch.device) -> Example:
    """The same on a device."""
    features, *rest = batch
    moved_features = Features(*(part.to(device) for part in features))
    return Example(moved_features, *(part.to(device) for part in rest))


def _with_maps(example: Example, precision: torch.dtype) -> Example:
    maps, scalars = example.features
    return example._replace(features=Features(maps.to(precision), scalars))


def _one_thread(_: int) -> None:
    torch.set_num_threads(1)
