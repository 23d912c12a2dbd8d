"""Every estimate of a manifest measured, and judged blindly."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from torch import Tensor

from estimator.audio import read_together
from estimator.evaluation.agreement import Judged
from estimator.evaluation.manifest import Row
from estimator.metrics import pit_si_snr
from estimator.prediction import DB, Estimator, Prediction

NORMAL_68, NORMAL_95 = 1.0, 1.96  # deviations, where an estimator gives no intervals
BOUNDS = ("low_68", "high_68", "low_95", "high_95")


class Answers(NamedTuple):
    """One dictionary per estimate, and with its reason what was refused."""

    estimates: list[dict[str, Any]]
    refused: list[dict[str, str]]


def judge(estimator: Estimator, rows: Iterable[Row]) -> Answers:
    """Measure and predict every row; one that cannot be measured is refused."""
    answers = Answers([], [])
    for row in rows:
        try:
            answers.estimates.extend(_judge_row(estimator, row))
        except ValueError as refusal:
            answers.refused.append(
                {"mixture": row.mixture.as_posix(), "reason": str(refusal)}
            )
    return answers


def _judge_row(estimator: Estimator, row: Row) -> list[dict[str, Any]]:
    files = [row.mixture, *row.estimates, *row.references]
    signals, sample_rate = read_together(files)
    sources = len(row.estimates)
    mixture, estimates = signals[0], signals[1 : 1 + sources]
    measured, order = pit_si_snr(estimates=estimates, references=signals[1 + sources :])
    prediction = estimator.predict(mixture[None], estimates[None], sample_rate)
    said = "predicted_si_snr_db" if estimator.unit == DB else "predicted"
    return [
        {
            "mixture": row.mixture.as_posix(),
            "estimate": row.estimates[order[i]].name,
            "reference": row.references[i].name,
            "separator": row.separator,
            "corpus": row.corpus,
            "scaled": row.scaled,
            "si_snr_db": _figure(measured[i]),
            said: _figure(prediction.value[0, order[i]]),
            "std_db" if estimator.unit == DB else "std": _figure(
                prediction.std[0, order[i]]
            ),
            "in_domain": bool(prediction.in_domain[0, order[i]]),
        }
        | _bounds(prediction, order[i])
        for i in range(sources)
    ]


def _bounds(prediction: Prediction, source: int) -> dict[str, float]:
    """Intervals that the estimator states itself, if it does."""
    return {
        name: _figure(prediction.parts[name][0, source])
        for name in BOUNDS
        if name in prediction.parts
    }


def tabled(estimates: Sequence[dict[str, Any]], unit: str = DB) -> Judged:
    """Answers as columns; intervals of a normal error where none are stated."""
    said_as, std_as = (
        ("predicted_si_snr_db", "std_db") if unit == DB else ("predicted", "std")
    )

    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in estimates])

    said, std = column(said_as).astype(float), column(std_as).astype(float)
    normal = {
        "low_68": said - NORMAL_68 * std,
        "high_68": said + NORMAL_68 * std,
        "low_95": said - NORMAL_95 * std,
        "high_95": said + NORMAL_95 * std,
    }
    stated = {
        name: column(name) if name in estimates[0] else normal[name] for name in BOUNDS
    }
    _, mixture = np.unique(column("mixture"), return_inverse=True)
    return Judged(
        measured_db=column("si_snr_db"),
        predicted=said,
        **stated,
        in_domain=column("in_domain"),
        mixture=mixture,
        separator=column("separator"),
        corpus=column("corpus"),
        scaled=column("scaled"),
    )


def _figure(value: Tensor) -> float:
    return round(value.item(), 4)
