"""Whether separators are put in the right order: within mixtures, and as a whole."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimator.evaluation import resampling
from estimator.evaluation.agreement import Judged
from estimator.evaluation.resampling import Figure, Figures

LEAST_WITHIN = 3  # separators of one mixture that can be ranked
LEAST_SYSTEMS = 5  # under which a correlation of systems says nothing


class System(NamedTuple):
    """One separator over all mixtures that it has in common with the others."""

    name: str
    measured_db: Figure
    predicted: Figure


def within_mixtures(judged: Judged, counts: Figures) -> dict[str, Any]:
    """Spearman's rho over the separators of each mixture, and its mean.

    A separator counts with the mean over its sources. Mixtures with fewer than three
    separators, or where all are equally good, are left out.
    """
    values = np.full(counts.shape[1], np.nan)
    for mixture in np.unique(judged.mixture):
        found = _systems(judged.only(judged.mixture == mixture))
        if len(found) < LEAST_WITHIN:
            continue
        truth, said = np.array(list(found.values())).T
        one = np.zeros(len(truth), dtype=np.intp)
        values[mixture] = resampling.spearman(said, truth, one, np.ones((1, 1)))[0]
    known = np.flatnonzero(np.isfinite(values))
    if len(known) == 0:
        return {"mixtures": 0, "spearman": None}
    drawn = resampling.means(values[known], known, counts)
    return {"mixtures": len(known), "spearman": resampling.figure(drawn)}


def _systems(judged: Judged) -> dict[str, tuple[float, float]]:
    """Mean truth and mean prediction of each separator, at each gain of its error."""
    names = np.char.add(
        np.char.add(judged.separator.astype(str), " "), judged.scaled.astype(str)
    )
    return {
        str(name): (
            float(judged.measured_db[names == name].mean()),
            float(judged.predicted[names == name].mean()),
        )
        for name in np.unique(names)
    }


def systems(judged: Judged, counts: Figures) -> dict[str, Any]:
    """Separators by their mean, best first, on the mixtures that all of them have.

    Returns:
        `mixtures`, `ranking` (one `System` each), and from five separators on
        `pearson`, `spearman` and `kendall` of their means, each with its interval.
    """
    own = judged.only(judged.scaled == 1)
    names = np.unique(own.separator)
    shared = _shared(own, names)
    own = own.only(np.isin(own.mixture, shared))
    if len(own.mixture) == 0:
        return {"mixtures": 0, "ranking": []}
    truth, said = (
        np.stack(
            [
                resampling.means(
                    column[own.separator == name],
                    own.mixture[own.separator == name],
                    counts,
                )
                for name in names
            ],
            axis=1,
        )
        for column in (own.measured_db, own.predicted)
    )  # (draw, system)
    ranking = [
        System(str(name), resampling.figure(truth[:, k]), resampling.figure(said[:, k]))
        for k, name in enumerate(names)
    ]
    ranking.sort(key=lambda system: -system.measured_db.value)
    found: dict[str, Any] = {"mixtures": len(shared), "ranking": ranking}
    if len(names) >= LEAST_SYSTEMS:
        found |= _correlations(truth, said)
    return found


def _shared(judged: Judged, names: NDArray[np.str_]) -> NDArray[np.intp]:
    """Mixtures that every separator has an estimate of."""
    shared = np.unique(judged.mixture)
    for name in names:
        shared = np.intersect1d(shared, judged.mixture[judged.separator == name])
    return shared


def _correlations(truth: Figures, said: Figures) -> dict[str, Figure]:
    found: dict[str, list[float]] = {"pearson": [], "spearman": [], "kendall": []}
    each = np.arange(truth.shape[1])
    once = np.ones((1, truth.shape[1]))
    for means_truth, means_said in zip(truth, said, strict=True):
        for name, values in found.items():
            statistic = getattr(resampling, name)
            values.append(statistic(means_said, means_truth, each, once)[0])
    return {name: resampling.figure(np.array(v)) for name, v in found.items()}
