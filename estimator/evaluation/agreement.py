"""How far predicted and measured SI-SNR agree."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr

from estimator.evaluation import resampling
from estimator.evaluation.resampling import Clusters, Figure

Figures = NDArray[np.floating]
STATISTICS = {
    "pearson": resampling.pearson,
    "spearman": resampling.spearman,
    "kendall": resampling.kendall,
}
LEAST = 3  # estimates that a correlation needs


class Agreement(NamedTuple):
    """Figures over n estimates, dB where the name says so."""

    n: int
    pearson: float
    spearman: float
    mae_db: float
    bias_db: float  # predicted minus measured
    within_one_std: float  # share of errors under one predicted deviation


def agreement(
    *, predicted_db: Figures, measured_db: Figures, std_db: Figures
) -> Agreement:
    """Compare predictions with measurements, (estimate,) each.

    Raises:
        ValueError: with fewer than three estimates.
    """
    if len(measured_db) < LEAST:
        raise ValueError(
            f"{len(measured_db)} estimates; a correlation needs at least three, "
            "so add rows to the manifest"
        )
    error = predicted_db - measured_db
    return Agreement(
        n=len(error),
        pearson=float(pearsonr(predicted_db, measured_db).statistic),
        spearman=float(spearmanr(predicted_db, measured_db).statistic),
        mae_db=float(np.abs(error).mean()),
        bias_db=float(error.mean()),
        within_one_std=float((np.abs(error) <= std_db).mean()),
    )


class Judged(NamedTuple):
    """Estimates with what was measured and what was said of them, (estimate,) each."""

    measured_db: Figures
    predicted: Figures  # dB, or the estimator's own unit
    low_68: Figures  # intervals of the estimator itself; NaN where it has none
    high_68: Figures
    low_95: Figures
    high_95: Figures
    in_domain: NDArray[np.bool_]
    mixture: Clusters  # number of the mixture
    separator: NDArray[np.str_]
    corpus: NDArray[np.str_]
    scaled: Figures  # gain of the error: 1 for a separator's own output

    def only(self, chosen: NDArray[np.bool_]) -> "Judged":
        """The estimates that are chosen, (estimate,) of bool."""
        columns = {name: values[chosen] for name, values in self._asdict().items()}
        return Judged(**columns)


class Table(NamedTuple):
    """Every figure of a group of estimates, each with an interval over mixtures."""

    n: int
    mixtures: int
    figures: dict[str, Figure]


def table(judged: Judged, counts: resampling.Figures, *, in_db: bool = True) -> Table:
    """Agreement in a group of estimates.

    Args:
        counts: from `resampling.resampled`, (draw, mixture), of all mixtures.
        in_db: whether predictions are dB; if not, only correlations have a meaning.
    """
    said = judged.predicted.astype(np.float64)
    truth = judged.measured_db.astype(np.float64)
    mixture = judged.mixture
    figures: dict[str, Figure] = {}
    if len(truth) >= LEAST:
        for name, statistic in STATISTICS.items():
            figures[name] = resampling.figure(statistic(said, truth, mixture, counts))
    columns = {"out_of_domain": (~judged.in_domain).astype(float)}
    if in_db:
        error = said - truth
        columns |= {"l1_db": np.abs(error), "bias_db": error}
        for share in ("68", "95"):
            low, high = (
                getattr(judged, f"low_{share}"),
                getattr(judged, f"high_{share}"),
            )
            if np.isfinite(low).all():
                columns[f"inside_{share}"] = ((low <= truth) & (truth <= high)) * 1.0
        squares = resampling.means(error**2, mixture, counts)
        figures["rmse_db"] = resampling.figure(np.sqrt(squares))
    for name, column in columns.items():
        drawn = resampling.means(column, mixture, counts)
        figures[name] = resampling.figure(drawn)
    return Table(len(truth), len(np.unique(mixture)), figures)
