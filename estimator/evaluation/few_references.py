"""What a few mixtures with references are worth: errors with and without them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.evaluation.agreement import Judged
from estimator.evaluation.resampling import Figure, Figures

REFERENCE_MIXTURES = 4
DRAWS = 200
PRIOR_DB2 = 50.0  # pulls the slope of few points towards 1, as much as so much spread
LEAST_LEFT = 4  # mixtures to measure on


def calibrated(
    judged: Judged, groups: NDArray[np.str_], rng: np.random.Generator
) -> dict[str, dict[str, Any]]:
    """L1 of each group before and after a correction learned on four of its mixtures.

    Four mixtures are drawn 200 times; the errors are those on all others. `shift` adds
    the mean error of the four, `affine` fits a line, its slope drawn towards 1.

    Args:
        groups: name of each estimate's group, such as its separator, (estimate,).

    Returns:
        For each group `mixtures`, and `before`, `shift` and `affine` in dB: mean over
        the draws, and where 95 % of them lie. Groups of too few mixtures are left out.
    """
    found = {}
    for name in np.unique(groups):
        group = judged.only(groups == name)
        mixtures = len(np.unique(group.mixture))
        if mixtures >= REFERENCE_MIXTURES + LEAST_LEFT:
            found[str(name)] = {"mixtures": mixtures, **_group(group, rng)}
    return found


def _group(judged: Judged, rng: np.random.Generator) -> dict[str, Figure]:
    _, mixture = np.unique(judged.mixture, return_inverse=True)
    said = judged.predicted.astype(np.float64)
    truth = judged.measured_db.astype(np.float64)
    errors: dict[str, list[float]] = {"before": [], "shift": [], "affine": []}
    for _ in range(DRAWS):
        chosen = rng.choice(mixture.max() + 1, REFERENCE_MIXTURES, replace=False)
        few = np.isin(mixture, chosen)
        rest, wanted = said[~few], truth[~few]
        offset, slope = line(said[few], truth[few])
        corrected = {
            "before": rest,
            "shift": rest + (truth[few] - said[few]).mean(),
            "affine": offset + slope * rest,
        }
        for name, values in corrected.items():
            errors[name].append(float(np.abs(values - wanted).mean()))
    return {name: _figure(values) for name, values in errors.items()}


def line(said: Figures, truth: Figures) -> tuple[float, float]:
    """Offset and slope that carry predictions to truth, by ridge around slope 1."""
    centered = said - said.mean()
    shared = (centered * (truth - truth.mean())).sum() + PRIOR_DB2
    slope = float(shared / ((centered**2).sum() + PRIOR_DB2))
    return float(truth.mean() - slope * said.mean()), slope


def _figure(values: list[float]) -> Figure:
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(float(np.mean(values)), float(low), float(high))
