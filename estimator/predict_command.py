"""`python -m estimator predict`: figures of the estimates of one mixture."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

from estimator.audio import read_together
from estimator.prediction import DB, Estimator, Prediction
from estimator.registry import DEFAULT, load


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of `python -m estimator`."""
    about = "Predict the SI-SNR of the estimates of a mixture."
    parser = commands.add_parser("predict", help=about, description=about)
    parser.set_defaults(command=run)
    parser.add_argument("mixture", type=Path)
    parser.add_argument("estimates", type=Path, nargs="+")
    parser.add_argument("--json", action="store_true", help="with curve, to be parsed")
    parser.add_argument("--estimator", default=DEFAULT, metavar="NAME")
    parser.add_argument("--device", default="cpu")


def run(options: argparse.Namespace) -> None:
    """Print a line for each estimate, or JSON."""
    signals, sample_rate = read_together([options.mixture, *options.estimates])
    estimator = load(options.estimator, options.device)
    prediction = estimator.predict(signals[:1], signals[None, 1:], sample_rate)
    rows = [_row(path, prediction, i) for i, path in enumerate(options.estimates)]
    if options.json:
        print(json.dumps(_report(estimator, prediction, rows), indent=2))
        return
    for row in rows:
        print(_line(row, prediction.unit))


def _row(path: Path, prediction: Prediction, source: int) -> dict[str, Any]:
    """Names of figures tell their unit; a deviation that is unknown is null."""
    std = prediction.std[0, source].item()
    unit = prediction.unit.lower()
    value = "predicted_si_snr_db" if prediction.unit == DB else f"predicted_{unit}"
    return {
        "estimate": str(path),
        value: prediction.value[0, source].item(),
        f"std_{unit}": std if math.isfinite(std) else None,
        "in_domain": bool(prediction.in_domain[0, source]),
        f"curve_{unit}": prediction.curve[0, source].tolist(),
        **{
            f"{name}_{unit}": figures[0, source].item()
            for name, figures in prediction.parts.items()
        },
    }


def _report(
    estimator: Estimator, prediction: Prediction, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "estimator": estimator.name,
        "revision": estimator.revision,
        "unit": prediction.unit,
        "curve_frame_rate": prediction.frame_rate,
        "estimates": rows,
    }


def _line(row: dict[str, Any], unit: str) -> str:
    path, value, std, in_domain = list(row.values())[:4]
    spread = "" if std is None else f", give or take {std:.1f} {unit}"
    doubt = "" if in_domain else "  (unlike what the estimator learned from)"
    return f"{path}: {value:.1f} {unit}{spread}{doubt}"
