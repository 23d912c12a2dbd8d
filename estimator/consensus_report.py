"""When separators judge one another well, and when shared errors fool them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from estimator.consensus import combine, consensus
from estimator.features import SAMPLE_RATE
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separated
from estimator.material.recordings import Recordings
from estimator.material.scene import Scene
from estimator.metrics import si_snr
from estimator.prediction import Estimator

SHARES = (0.0, 0.25, 0.5, 0.75)  # of the error's power that made-up separators share
COLUMNS = ("bias_db", "mae_db", "pearson", "within_mixture_spearman")
JUDGES = ("agreement", "consensus", "network", "both")

Table = dict[str, list[Tensor]]


def mixer(speech: Path, noise: Path | None, rooms: Path | None) -> Mixer:
    """Two-talker mixtures of 4 s from folders, the dev split where one is named."""
    return Mixer(
        Recordings.under(speech),
        Recordings.under(noise, "dev") if noise else None,
        Recordings.under(rooms) if rooms else None,
        seconds=4.0,
    )


def report(
    mixer: Mixer,
    separators: Sequence[Separate],
    network: Estimator,
    *,
    mixtures: int,
    seed: int = 0,
) -> dict[str, Any]:
    """Judge real estimates, then made-up ones at the same SI-SNR whose errors we know.

    `agreement` is the consensus without the mixture, `both` the consensus combined
    with the network by their deviations.

    Returns:
        `error_correlation` of the separators, their mean `si_snr_db`, and rows with
        `estimates`, `judge`, `n`, and the figures of COLUMNS; ready for JSON.
    """
    scenes = [mixer.scene(np.random.default_rng([seed, i])) for i in range(mixtures)]
    real: Table = {}
    made: list[Table] = [{} for _ in SHARES]
    correlations = []
    for index, scene in enumerate(scenes):
        found = _separated(scene, separators)
        if found is None:
            continue
        references = torch.from_numpy(scene.sources).double()
        truth = _judge(real, scene, found, network)
        correlations.append(error_correlation(found, references))
        rng = torch.Generator().manual_seed(1000 * seed + index)
        for share, table in zip(SHARES, made, strict=True):
            _judge(table, scene, made_up(references, truth, share, rng), network)
    rows = _rows("real", real)
    for share, table in zip(SHARES, made, strict=True):
        rows += _rows(f"made up, {share:.0%} of the error shared", table)
    level = torch.stack(real["truth"]).mean((0, 2)).tolist()
    return {
        "separators": [separate.name for separate in separators],
        "si_snr_db": level,
        "error_correlation": float(np.mean(correlations)),
        "rows": rows,
    }


def made_up(
    references: Tensor, si_snr_db: Tensor, share: float, rng: torch.Generator
) -> Tensor:
    """References with white errors of a chosen SI-SNR, partly the same for all.

    Args:
        references: (source, time).
        si_snr_db: (separator, source).
        share: of the error's power that all separators have in common, 0..1.

    Returns:
        (separator, source, time).
    """
    noise = torch.randn(len(si_snr_db) + 1, *references.shape, generator=rng).double()
    error = share**0.5 * noise[:1] + (1 - share) ** 0.5 * noise[1:]
    level = references.std(-1) * 10 ** (-si_snr_db / 20)  # (separator, source)
    return references + level[..., None] * error


def error_correlation(estimates: Tensor, references: Tensor) -> float:
    """Mean correlation between the errors of two separators on one source.

    Args:
        estimates: (separator, source, time), in the order of the references.
        references: (source, time).
    """
    estimates = estimates - estimates.mean(-1, keepdim=True)
    references = references - references.mean(-1, keepdim=True)
    gain = (estimates * references).sum(-1, keepdim=True)
    error = estimates * references.square().sum(-1, keepdim=True) / gain - references
    error = error / error.norm(dim=-1, keepdim=True)
    alike = torch.einsum("ait,bit->iab", error, error)
    one, other = torch.triu_indices(len(estimates), len(estimates), 1)
    return alike[:, one, other].mean().item()


def printed(report: dict[str, Any]) -> str:
    """The report as a table to read."""
    level = ", ".join(
        f"{name} {figure:.1f} dB"
        for name, figure in zip(report["separators"], report["si_snr_db"], strict=True)
    )
    lines = [
        f"true SI-SNR: {level}; their errors correlate by "
        f"{report['error_correlation']:.2f}",
        "",
        f"{'estimates':38}{'judge':11}{'n':>5}{'bias':>7}{'MAE':>7}{'r':>7}{'rho':>7}",
    ]
    for row in report["rows"]:
        figures = "".join(f"{row[column]:7.2f}" for column in COLUMNS)
        lines.append(f"{row['estimates']:38}{row['judge']:11}{row['n']:5}{figures}")
    lines.append("rho: Spearman over the separators, within a mixture and source")
    return "\n".join(lines)


def _separated(scene: Scene, separators: Sequence[Separate]) -> Tensor | None:
    mixture = scene.mixture[None]
    found = [separated(each, mixture, [scene.sources])[0] for each in separators]
    made = [estimates for estimates in found if estimates is not None]
    if len(made) < len(found):
        return None
    return torch.from_numpy(np.stack(made)).double()


def _judge(table: Table, scene: Scene, estimates: Tensor, network: Estimator) -> Tensor:
    """Add what each judge says of (separator, source, time); returns the truth."""
    references = torch.from_numpy(scene.sources).double()
    mixture = torch.from_numpy(scene.mixture)
    truth = torch.stack([si_snr(estimate=x, reference=references) for x in estimates])
    agreed = consensus(estimates, mixture)
    mixtures = mixture.expand(len(estimates), -1)
    predicted = network.predict(mixtures, estimates.float(), SAMPLE_RATE)
    both, _ = combine(
        torch.stack([agreed.si_snr_db, predicted.si_snr_db.double()]),
        torch.stack([agreed.std_db, predicted.std_db.double()]),
    )
    figures = {
        "truth": truth,
        "agreement": consensus(estimates).si_snr_db,
        "consensus": agreed.si_snr_db,
        "network": predicted.si_snr_db.double(),
        "both": both,
    }
    for name, values in figures.items():
        table.setdefault(name, []).append(values)
    return truth


def _rows(estimates: str, table: Table) -> list[dict[str, Any]]:
    truth = torch.stack(table["truth"]).numpy()  # (mixture, separator, source)
    rows = []
    for judge in JUDGES:
        said = torch.stack(table[judge]).numpy()
        error = said - truth
        figures = (
            float(error.mean()),
            float(np.abs(error).mean()),
            float(np.corrcoef(said.ravel(), truth.ravel())[0, 1]),
            _within(said, truth),
        )
        row = {"estimates": estimates, "judge": judge, "n": truth.size}
        rows.append(row | dict(zip(COLUMNS, figures, strict=True)))
    return rows


def _within(said: NDArray[Any], truth: NDArray[Any]) -> float:
    """Mean rank correlation over the separators; ties of a bound count as no order."""
    ranks = [
        spearmanr(said[mixture, :, source], truth[mixture, :, source]).statistic
        for mixture, source in np.ndindex(len(truth), truth.shape[2])
        if np.ptp(said[mixture, :, source]) > 0
    ]
    return float(np.mean(ranks)) if ranks else 0.0
