"""Trains a peer on the material of the default estimator: folders in, weights out."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from estimator.evaluation.agreement import agreement
from estimator.features import SAMPLE_RATE
from estimator.material.examples import Examples, collate
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separators_named
from estimator.network import HIGH_DB, LOW_DB
from estimator.peers import realm, trees
from estimator.peers.realm_network import RealMNetwork
from estimator.peers.summary import summary
from estimator.peers.trees_training import Array, grow
from estimator.peers.waves import Wave, joined, waves
from estimator.train import Material, Plan

ARCHITECTURES = (realm.ARCHITECTURE, trees.ARCHITECTURE)
TOGETHER = 2  # mixtures in a step: 12 items of 3 s hold 1 GB with their gradients
CALIBRATED_ON, MEASURED_ON = 50, 100  # mixtures
VALIDATION_SEED, FIGURES_SEED = 1_000_001, 1_000_002
RATE = 1e-3  # REAL-M's recipe took 1e-4 and months; here minutes must do
CLIP = 5.0
LOG_EVERY = 100  # mixtures
GROWN_ON = 600  # mixtures for the trees: under a minute on an idle core

log = logging.getLogger(__name__)
Clock = Callable[[], float]


def run(
    architecture: str,
    material: Material,
    plan: Plan,
    out: Path,
    clock: Clock = time.monotonic,
) -> dict[str, Any]:
    """Train one of ARCHITECTURES, measure it, and write weights and card.

    The network takes `plan.minutes`; the trees take GROWN_ON mixtures, so that a seed
    gives one result.

    Returns:
        The card.
    """
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    separate = list(separators_named(plan.separators).values())
    if architecture == realm.ARCHITECTURE:
        return _realm(material, plan, separate, out, clock)
    return _trees(material, plan, separate, out)


def _realm(
    material: Material, plan: Plan, separate: list[Separate], out: Path, clock: Clock
) -> dict[str, Any]:
    network = RealMNetwork()
    examples = Examples(material.train, plan.seed, 10**9, separate)
    seen = fit(network, examples, seconds=60 * plan.minutes, clock=clock)
    widened = realm.Scale(LOW_DB, HIGH_DB, 1.0)
    calibrating = _waves(material.validation, VALIDATION_SEED, CALIBRATED_ON)
    error = _said(network, widened, calibrating) - _clipped(calibrating)
    scale = widened._replace(std_db=float(np.sqrt(np.square(error).mean())))
    unseen = _waves(material.unseen, FIGURES_SEED, MEASURED_ON)
    said, truth = _said(network, scale, unseen), _clipped(unseen)
    title = "REAL-M's architecture, trained here"
    card = _card(title, plan, seen, said, truth, scale, plan.minutes)
    realm.write(out, network, scale, card)
    return card


def fit(
    network: RealMNetwork, examples: Examples, *, seconds: float, clock: Clock
) -> int:
    """Fit the network to -10..30 dB by L1, as its recipe did to 0..10, in place.

    Returns:
        The number of different mixtures seen.
    """
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    begin, seen, done = clock(), 0, 0.0
    while done < 1:
        batch = joined(waves(examples, list(range(seen, seen + TOGETHER))))
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, 20 * (done + 0.005)) * (1 - done) ** 0.5
        wanted = (batch.si_snr_db.clamp(LOW_DB, HIGH_DB) - LOW_DB) / (HIGH_DB - LOW_DB)
        loss = (network(batch.mixtures, batch.estimates) - wanted).abs().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        seen += TOGETHER
        done = (clock() - begin) / seconds
        if seen % LOG_EVERY == 0:
            error_db = (HIGH_DB - LOW_DB) * loss.item()
            log.info("%d mixtures, %.0f %%: MAE %.2f dB", seen, 100 * done, error_db)
    network.eval()
    return seen


def _trees(
    material: Material, plan: Plan, separate: list[Separate], out: Path
) -> dict[str, Any]:
    examples = Examples(material.train, plan.seed, 10**9, separate)
    figures, truth = _described(examples, range(GROWN_ON))
    forest = grow(figures, truth, plan.seed)
    held = Examples(material.validation, VALIDATION_SEED, CALIBRATED_ON)
    unlike, right = _described(held, range(CALIBRATED_ON))
    error = forest.predict(unlike).clip(LOW_DB, HIGH_DB) - right
    scale = realm.Scale(LOW_DB, HIGH_DB, float(np.sqrt(np.square(error).mean())))
    measured = Examples(material.unseen, FIGURES_SEED, MEASURED_ON)
    unseen, right = _described(measured, range(MEASURED_ON))
    said = forest.predict(unseen).clip(LOW_DB, HIGH_DB)
    card = _card("76 figures and boosted trees", plan, GROWN_ON, said, right, scale)
    learned = trees.Learned(
        forest, figures.min(0), figures.max(0), np.array(scale), trees.probe()
    )
    trees.write(out, learned, card)
    return card


def _described(examples: Examples, indices: range) -> tuple[Array, Array]:
    figures, truth = [], []
    for start in indices[::TOGETHER]:
        some = [i for i in indices if start <= i < start + TOGETHER]
        batch = collate(examples.__getitems__(some))
        figures.append(summary(batch.features))
        truth.append(batch.si_snr_db)
    return torch.cat(figures).double().numpy(), torch.cat(truth).double().numpy()


def _waves(mixer: Mixer, seed: int, count: int) -> list[Wave]:
    return waves(Examples(mixer, seed, count), list(range(count)))


@torch.inference_mode()
def _said(network: RealMNetwork, scale: realm.Scale, found: list[Wave]) -> Array:
    share = torch.cat([network(wave.mixtures, wave.estimates) for wave in found])
    return (scale.low_db + (scale.high_db - scale.low_db) * share).double().numpy()


def _clipped(found: list[Wave]) -> Array:
    return joined(found).si_snr_db.clamp(LOW_DB, HIGH_DB).double().numpy()


def _card(
    title: str,
    plan: Plan,
    seen: int,
    said: Array,
    truth: Array,
    scale: realm.Scale,
    minutes: float | None = None,
) -> dict[str, Any]:
    figures = agreement(
        predicted_db=said, measured_db=truth, std_db=np.full(len(said), scale.std_db)
    )
    return {
        "title": title,
        "sample_rate": SAMPLE_RATE,
        "range_db": [scale.low_db, scale.high_db],
        "reference": "image",
        "unseen_speakers": figures._asdict(),
        "training": {
            "minutes": minutes,
            "seed": plan.seed,
            "separators": plan.separators,
            "mixtures": seen,
        },
        "attributions": plan.attributions,
    }
