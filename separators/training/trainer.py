"""The training loop: a network, its optimizer, and a budget of minutes."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from separators.training.mixing import Mixer
from separators.training.pairing import improvement, paired, snr

Clock = Callable[[], float]


@dataclass(frozen=True)
class TrainingPlan:
    """How to train; the learning rate falls over the last part of the budget."""

    minutes: float = 60.0
    batch: int = 4
    learning_rate: float = 1e-3
    falls_from: float = 0.6  # share of the budget at the full learning rate
    clip: float = 5.0
    average_decay: float = 0.999
    measure_every_s: float = 150.0
    half: bool = True  # forward pass in bfloat16; the loss in single precision
    device: str = "cpu"
    early: float = 0.03  # share of the budget after which a stage is kept
    middle: float = 0.2

    def stages_between(self, earlier: float, now: float) -> list[str]:
        """Return the stages that became due between two times, in seconds."""
        due = {
            "early": 60 * self.minutes * self.early,
            "middle": 60 * self.minutes * self.middle,
        }
        return [stage for stage, at in due.items() if earlier < at <= now]


@dataclass
class Progress:
    """Where a training stands; saved with each checkpoint."""

    steps: int = 0
    seconds: float = 0.0
    best_db: float = -math.inf
    history: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """Network, optimizer and running average, resumable from one file."""

    def __init__(self, network: nn.Module, *, plan: TrainingPlan) -> None:
        self.network = network.to(plan.device)
        self.plan = plan
        self.device = torch.device(plan.device)
        self.optimizer = torch.optim.Adam(network.parameters(), plan.learning_rate)
        self.average = torch.optim.swa_utils.AveragedModel(
            network,
            avg_fn=self._average_in,
        )
        self.progress = Progress()

    def step(self, mixtures: Tensor, references: Tensor) -> float:
        """Learn from one batch and return its loss, the negative SNR in dB.

        SNR and not SI-SNR, so that an estimate keeps the level it has in the mixture.
        """
        self.network.train()
        self.set_learning_rate()
        mixtures, references = mixtures.to(self.device), references.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.plan.half):
            estimates = self.network(mixtures)
        estimates = paired(estimates.float(), references)
        loss = -snr(estimates=estimates, references=references).mean()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip)
        self.optimizer.step()
        self.average.update_parameters(self.network)
        self.progress.steps += 1
        return loss.item()

    def set_learning_rate(self) -> None:
        """Warm up over 200 steps; fall along a cosine over the last minutes."""
        elapsed = self.progress.seconds / (60 * self.plan.minutes)
        late = max(0.0, elapsed - self.plan.falls_from) / (1 - self.plan.falls_from)
        share = max(0.02, 0.5 * (1 + math.cos(math.pi * min(1.0, late))))
        warm = min(1.0, (self.progress.steps + 1) / 200)
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.learning_rate * share * warm

    def _average_in(self, average: Tensor, now: Tensor, count: Tensor | int) -> Tensor:
        seen = float(count)  # early on the average forgets quickly
        decay = min(self.plan.average_decay, (1 + seen) / (10 + seen))
        return average.lerp(now, 1 - decay)

    def save(self, path: Path) -> None:
        """Write everything needed to go on, whole or not at all."""
        part = path.with_suffix(".part")
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }
        torch.save(state, part)
        part.replace(path)

    def resume(self, path: Path) -> None:
        """Take up a training where `save` left it."""
        state: dict[str, Any] = torch.load(
            path, map_location=self.device, weights_only=True
        )
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])


def measure(network: nn.Module, mixtures: Tensor, references: Tensor) -> float:
    """Mean SI-SNR improvement in dB over a fixed set, one mixture at a time."""
    network.eval()
    device = next(network.parameters()).device
    mixtures, references = mixtures.to(device), references.to(device)
    with torch.inference_mode():
        gains = [
            improvement(
                mixture[None], network(mixture[None] / _level(mixture)), truth[None]
            )
            for mixture, truth in zip(mixtures, references, strict=True)
        ]
    return torch.cat(gains).mean().item()


def _level(signal: Tensor) -> Tensor:
    return signal.square().mean(dim=-1, keepdim=True).sqrt() + 1e-8


@dataclass(frozen=True)
class Report:
    """One line of a training's log."""

    steps: int
    seconds: float
    loss_db: float
    improvement_db: float | None


def run(
    trainer: Trainer,
    mixer: Mixer,
    *,
    development: tuple[Tensor, Tensor],
    checkpoint: Path,
    clock: Clock = time.monotonic,
) -> Iterator[Report]:
    """Train until the budget is spent; yield each step, measured or not."""
    plan, progress = trainer.plan, trainer.progress
    started = clock() - progress.seconds
    measured_at = progress.seconds
    smooth: float | None = None
    while progress.seconds < 60 * plan.minutes:
        mixtures, references = mixer.batch(plan.batch)
        level = _level(mixtures)
        loss = trainer.step(mixtures / level, references / level[:, None])
        smooth = loss if smooth is None else 0.99 * smooth + 0.01 * loss
        progress.seconds = clock() - started
        gained = None
        if progress.seconds - measured_at >= plan.measure_every_s:
            measured_at = progress.seconds
            gained = measure(trainer.average.module, *development)
            progress.history.append(
                {"steps": progress.steps, "seconds": measured_at, "si_snri_db": gained}
            )
            progress.best_db = max(progress.best_db, gained)
            trainer.save(checkpoint)
        yield Report(progress.steps, progress.seconds, smooth, gained)
    trainer.save(checkpoint)
