"""Predicted beside measured SI-SNR for every row of a manifest, in every grouping."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimator.evaluation import few_references, ranking, resampling
from estimator.evaluation.agreement import LEAST, Judged, table
from estimator.evaluation.judging import judge, tabled
from estimator.evaluation.manifest import Row
from estimator.prediction import DB, Estimator

LOW_DB, HIGH_DB = -10.0, 25.0  # figures are over estimates whose truth lies here
BAND_DB = 5.0


def evaluate(
    estimator: Estimator,
    rows: Sequence[Row],
    *,
    low_db: float = LOW_DB,
    high_db: float = HIGH_DB,
    draws: int = resampling.DRAWS,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure and predict every row, and compare.

    Figures are over the estimates whose measured SI-SNR lies within the range; how many
    lie outside is counted, and they have bands of their own. Nothing is clipped but by
    the estimator itself.

    Returns:
        Ready for JSON: `estimator`, `revision`, `unit`, `reference`, `range_db`,
        `outside`, `overall`, `own_outputs` (without scaled errors), `separators`,
        `corpora`, `bands`, `within_mixtures`, `systems`, `few_references`,
        `estimates`, and with its reason what was `refused`, such as silence. Each
        figure is [value, low, high], a 95 % interval over mixtures.

    Raises:
        ValueError: with fewer than three estimates in the range.
    """
    estimates, refused = judge(estimator, rows)
    if len(estimates) < LEAST:
        raise ValueError(
            f"{len(estimates)} estimates could be judged and {len(refused)} rows could "
            "not; a correlation needs at least three, so add rows to the manifest"
        )
    judged = tabled(estimates, estimator.unit)
    inside = (low_db <= judged.measured_db) & (judged.measured_db <= high_db)
    in_db = estimator.unit == DB
    return {
        "estimator": estimator.name,
        "revision": estimator.revision,
        "unit": estimator.unit,
        "reference": sorted({row.reference for row in rows}),
        "range_db": [low_db, high_db],
        "draws": draws,
        "seed": seed,
        "outside": int((~inside).sum()),
        **compare(judged, inside, in_db=in_db, draws=draws, seed=seed),
        "estimates": estimates,
        "refused": refused,
    }


def compare(
    judged: Judged,
    inside: NDArray[np.bool_],
    *,
    in_db: bool = True,
    draws: int = resampling.DRAWS,
    seed: int = 0,
) -> dict[str, Any]:
    """All tables of a report, from judged estimates.

    Raises:
        ValueError: with fewer than three estimates inside the range.
    """
    rng = np.random.default_rng(seed)
    counts = resampling.resampled(int(judged.mixture.max()) + 1, rng, draws)
    whole = judged.only(inside)
    if len(whole.mixture) < LEAST:
        raise ValueError(
            f"{len(whole.mixture)} estimates have a true SI-SNR within the range; a "
            "correlation needs at least three, so add rows or widen the range"
        )
    own = whole.only(whole.scaled == 1)

    def tables(judged: Judged, groups: NDArray[np.str_]) -> dict[str, Any]:
        return {
            str(name): _plain(table(judged.only(groups == name), counts, in_db=in_db))
            for name in sorted(set(groups.tolist()))
            if name
        }

    report: dict[str, Any] = {
        "overall": _plain(table(whole, counts, in_db=in_db)),
        "own_outputs": _plain(table(own, counts, in_db=in_db)),
        "separators": tables(own, own.separator),
        "corpora": tables(whole, whole.corpus),
        "bands": _by_band(judged, counts, in_db),
        "within_mixtures": _plain(ranking.within_mixtures(own, counts)),
        "systems": _plain(ranking.systems(judged, counts)),
    }
    if in_db:
        report["few_references"] = _few_references(whole, rng)
    return report


def _few_references(judged: Judged, rng: np.random.Generator) -> dict[str, Any]:
    groups = {
        "everything": np.full(len(judged.mixture), "all estimates"),
        "separators": judged.separator,
        "corpora": judged.corpus,
    }
    return {
        name: _plain(few_references.calibrated(judged, group, rng))
        for name, group in groups.items()
    }


def _by_band(judged: Judged, counts: resampling.Figures, in_db: bool) -> dict[str, Any]:
    """Tables for 5 dB of truth each, those outside the range included."""
    lowest = np.floor(judged.measured_db.min() / BAND_DB) * BAND_DB
    edges = np.arange(lowest, 81, BAND_DB)  # SI-SNR ends at 80 dB
    found = {}
    for low in edges:
        chosen = (low <= judged.measured_db) & (judged.measured_db < low + BAND_DB)
        if chosen.any():
            name = f"{low:g}..{low + BAND_DB:g} dB"
            found[name] = _plain(table(judged.only(chosen), counts, in_db=in_db))
    return found


def _plain(value: Any) -> Any:
    """Named tuples as dictionaries, figures as rounded lists, NaN as None: for JSON."""
    if isinstance(value, resampling.Figure):
        return [None if x != x else round(x, 4) for x in value]
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
