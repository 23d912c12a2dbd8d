"""Signals whose true figures are known before anything is called."""

import csv
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from estimator.blind import BlindEstimator
from estimator.domain import Domain
from estimator.features import describe
from estimator.intervals import Intervals
from estimator.material.scene import Scene
from estimator.network import SepQE
from estimator.weights import Trained

RATE = 8_000


def orthogonal_pair(seed: int, samples: int = 8_000) -> tuple[Tensor, Tensor]:
    """Two orthogonal signals, zero mean, unit energy, float64."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(samples, 2, generator=generator, dtype=torch.float64)
    basis, _ = torch.linalg.qr(noise - noise.mean(0))
    return basis[:, 0], basis[:, 1]


def voice(seed: int, seconds: float = 3.0) -> Tensor:
    """A buzz with a gliding pitch that comes and goes in syllables, (time,)."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    pitch = rng.uniform(90, 220) * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 16))
    rhythm = np.sin(2 * np.pi * rng.uniform(2, 4) * time + rng.uniform(0, 6))
    breath = 0.02 * rng.standard_normal(len(time))
    return torch.tensor(buzz * np.clip(rhythm, 0, None) + breath, dtype=torch.float32)


def voices(batch: int, sources: int, seconds: float = 3.0) -> Tensor:
    """Different voices in every row, (batch, source, time)."""
    return torch.stack(
        [
            torch.stack([voice(100 * item + k, seconds) for k in range(sources)])
            for item in range(batch)
        ]
    )


def scene(seed: int = 0, count: int = 2) -> Scene:
    sources = voices(1, count)[0].numpy()
    rng = np.random.default_rng(seed)
    hiss = 0.01 * rng.standard_normal(sources.shape[-1])
    noise = np.asarray(hiss, dtype=np.float32)
    return Scene(sources.sum(0) + noise, sources, noise, sources)


def untrained(seed: int = 0) -> Trained:
    """A network with random weights and a domain around some voices."""
    torch.manual_seed(seed)
    sources = voices(4, 2)
    features = describe(sources.sum(1), sources + 0.3 * sources.flip(1))
    network = SepQE().eval()
    with torch.inference_mode():
        output = network(features)
    domain = Domain.around(features, output.summary)
    return Trained(network, domain, Intervals.measured(output, torch.randn(8)))


def untrained_estimator() -> BlindEstimator:
    return BlindEstimator(untrained(), name="untrained", revision="0" * 64)


def write_audio(path: Path, signal: Tensor, sample_rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, signal.numpy(), sample_rate, subtype="FLOAT")
    return path


def manifest_in(folder: Path) -> Path:
    """Two mixtures whose estimates have 0 and 20 dB, the second ones crossed."""
    lines = []
    for row, leak in enumerate((1.0, 0.1)):
        references = torch.stack(orthogonal_pair(seed=row)).float()
        estimates = references + leak * references.flip(0)
        signals = {
            "mixture": references.sum(0),
            "estimate_1": estimates[row],
            "estimate_2": estimates[1 - row],
            "reference_1": references[0],
            "reference_2": references[1],
        }
        for name, signal in signals.items():
            write_audio(folder / f"{row}" / f"{name}.wav", signal)
        lines.append({name: f"{row}/{name}.wav" for name in signals})
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return manifest
