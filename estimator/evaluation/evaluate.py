"""Predicted beside measured SI-SNR for every row of a manifest."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from estimator.audio import read_together
from estimator.evaluation.agreement import agreement
from estimator.metrics import pit_si_snr
from estimator.prediction import Estimator


class Row(NamedTuple):
    """One mixture of the manifest with its estimates and references."""

    mixture: Path
    estimates: list[Path]
    references: list[Path]


def read_manifest(manifest: Path) -> list[Row]:
    """Rows of a CSV with columns mixture, estimate_1, ..., reference_1, ...

    Relative paths are taken from the manifest's own folder.

    Raises:
        ValueError: if columns are missing or do not pair up.
    """
    with manifest.open(newline="") as lines:
        table = csv.DictReader(lines)
        columns = list(table.fieldnames or [])
        estimates, references = (
            _numbered(columns, "estimate"),
            _numbered(columns, "reference"),
        )
        if "mixture" not in columns or len(estimates) < 2:
            raise ValueError(
                f"{manifest} has the columns {', '.join(columns)}; expected mixture, "
                "estimate_1, estimate_2, ..., reference_1, reference_2, ..."
            )
        if len(estimates) != len(references):
            raise ValueError(
                f"{manifest} has {len(estimates)} estimate and {len(references)} "
                "reference columns; give one reference for each estimate"
            )
        folder = manifest.parent
        return [
            Row(
                folder / line["mixture"],
                [folder / line[name] for name in estimates],
                [folder / line[name] for name in references],
            )
            for line in table
        ]


def _numbered(columns: list[str], role: str) -> list[str]:
    return [name for name in columns if name.startswith(f"{role}_")]


def evaluate(estimator: Estimator, rows: list[Row]) -> dict[str, Any]:
    """Measure and predict every row.

    Figures are taken within the estimator's range: what was measured beyond it is
    clipped for them, and stands unclipped in its row.

    Returns:
        `estimator`, `revision`, `agreement`, `estimates`, and with its reason what was
        `refused`, such as silence; ready for JSON.
    """
    found: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    for row in rows:
        try:
            found += _evaluate_row(estimator, row)
        except ValueError as refusal:
            refused.append({"mixture": row.mixture.name, "reason": str(refusal)})
    column = {
        name: np.array([estimate[name] for estimate in found])
        for name in ("predicted_si_snr_db", "si_snr_db", "std_db")
    }
    figures = agreement(
        predicted_db=column["predicted_si_snr_db"],
        measured_db=column["si_snr_db"].clip(estimator.low_db, estimator.high_db),
        std_db=column["std_db"],
    )
    return {
        "estimator": estimator.name,
        "revision": estimator.revision,
        "agreement": figures._asdict(),
        "estimates": found,
        "refused": refused,
    }


def _evaluate_row(estimator: Estimator, row: Row) -> list[dict[str, Any]]:
    files = [row.mixture, *row.estimates, *row.references]
    signals, sample_rate = read_together(files)
    sources = len(row.estimates)
    mixture, estimates = signals[0], signals[1 : 1 + sources]
    measured, order = pit_si_snr(estimates=estimates, references=signals[1 + sources :])
    prediction = estimator.predict(mixture[None], estimates[None], sample_rate)
    return [
        {
            "mixture": row.mixture.name,
            "estimate": row.estimates[order[i]].name,
            "reference": row.references[i].name,
            "si_snr_db": _figure(measured[i]),
            "predicted_si_snr_db": _figure(prediction.si_snr_db[0, order[i]]),
            "std_db": _figure(prediction.std_db[0, order[i]]),
            "in_domain": bool(prediction.in_domain[0, order[i]]),
        }
        for i in range(sources)
    ]


def _figure(value: Tensor) -> float:
    return round(value.item(), 4)
