"""How far predicted and measured SI-SNR agree."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import pearsonr, spearmanr

Figures = NDArray[np.floating]


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
    if len(measured_db) < 3:
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
