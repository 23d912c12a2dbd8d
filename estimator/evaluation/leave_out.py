"""What an estimator is worth on separators, or on recordings, that it never met."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from estimator.evaluation.evaluate import HIGH_DB, LOW_DB, compare, evaluate
from estimator.evaluation.judging import tabled
from estimator.evaluation.manifest import Row
from estimator.evaluation.tables import cell
from estimator.registry import load

FAMILY, CORPUS = "family", "corpus"
UNTRAINED = "none"  # the family of the untouched mixture: there is nothing to leave out


class Fold(NamedTuple):
    """One training with something left out, and what to measure it on."""

    by: str  # FAMILY or CORPUS
    left_out: str
    separators: tuple[str, ...]  # to train with
    rows: tuple[Row, ...]  # to measure on: of what was left out
    others: tuple[Row, ...] = ()  # to set beside it: of what was not


Train = Callable[[Fold, Path], object]  # writes an estimator's weights to the path


def family_folds(families: dict[str, str], rows: Sequence[Row]) -> list[Fold]:
    """One fold for each family of separators in the manifest.

    Args:
        families: family of each separator, by name.
        rows: of a manifest with a column separator.

    Raises:
        ValueError: if the manifest's separators are of fewer than two families.
    """
    named = sorted({row.separator for row in rows} & families.keys())
    wanted = sorted({families[name] for name in named} - {UNTRAINED})
    if len(wanted) < 2:
        raise ValueError(
            f"the manifest holds separators of {len(wanted)} families "
            f"({', '.join(wanted) or 'none known'}); leaving one out needs two, so "
            "build it with more separators"
        )
    return [
        Fold(
            FAMILY,
            family,
            tuple(n for n, f in families.items() if f not in (family, UNTRAINED)),
            tuple(row for row in rows if families.get(row.separator) == family),
            tuple(row for row in rows if families.get(row.separator) != family),
        )
        for family in wanted
    ]


def run(folds: Sequence[Fold], train: Train, out: Path, draws: int) -> dict[str, Any]:
    """Train and measure every fold that is not done yet, and gather them.

    A fold is a folder of `out` with weights.safetensors and report.json; delete one to
    have it done anew.

    Returns:
        `folds`, each with its `left_out` and `others` report, and `together`: the
        estimates of all folds, each judged by the network that never met its kind.
    """
    reports = {fold.left_out: _fold(fold, train, out, draws) for fold in folds}
    rows = [row for one in reports.values() for row in one["left_out"]["estimates"]]
    report = {
        "by": folds[0].by,
        "range_db": [LOW_DB, HIGH_DB],
        "folds": {name: _without_rows(one) for name, one in reports.items()},
        "together": _together(rows, draws),
    }
    (out / "leave-out.json").write_text(json.dumps(report, indent=1) + "\n")
    return report


def _fold(fold: Fold, train: Train, out: Path, draws: int) -> dict[str, Any]:
    folder = out / f"{fold.by}-{fold.left_out}"
    folder.mkdir(parents=True, exist_ok=True)
    weights, done = folder / "weights.safetensors", folder / "report.json"
    if done.exists():
        found: dict[str, Any] = json.loads(done.read_text())
        return found
    if not weights.exists():
        unfinished = folder / "unfinished.safetensors"
        train(fold, unfinished)
        unfinished.with_suffix(".json").replace(weights.with_suffix(".json"))
        unfinished.replace(weights)
    estimator = load(str(weights))
    report: dict[str, Any] = {"trained_with": list(fold.separators)}
    for name, rows in (("left_out", fold.rows), ("others", fold.others)):
        if rows:
            report[name] = evaluate(estimator, rows, draws=draws)
    done.write_text(json.dumps(report, indent=1) + "\n")
    return report


def _without_rows(report: dict[str, Any]) -> dict[str, Any]:
    def plain(part: Any) -> Any:
        if not isinstance(part, dict):
            return part
        return {key: value for key, value in part.items() if key != "estimates"}

    return {key: plain(part) for key, part in report.items()}


def _together(rows: list[dict[str, Any]], draws: int) -> dict[str, Any]:
    judged = tabled(rows)
    inside = (judged.measured_db >= LOW_DB) & (judged.measured_db <= HIGH_DB)
    return compare(judged, inside, draws=draws) | {
        "outside": int(np.sum(~inside)),
        "range_db": [LOW_DB, HIGH_DB],
    }


def readable(report: dict[str, Any]) -> str:
    """One line for each fold, then all of them together."""
    shown = ("pearson", "spearman", "l1_db", "bias_db", "inside_95", "out_of_domain")
    titles = ("r", "rho", "L1 dB", "bias dB", "in 95 %", "flagged")
    lines = [f"{report['by']} left out".ljust(30) + "n".rjust(6)]
    lines[0] += "".join(title.rjust(22) for title in titles)

    def line(name: str, part: dict[str, Any]) -> str:
        cells = [cell(part["figures"].get(key)).rjust(22) for key in shown]
        return name.ljust(30) + str(part["n"]).rjust(6) + "".join(cells)

    for name, fold in report["folds"].items():
        lines.append(line(name, fold["left_out"]["own_outputs"]))
        if "others" in fold:
            lines.append(line("  beside it, the others", fold["others"]["own_outputs"]))
        few = fold["left_out"].get("few_references", {}).get("everything", {})
        for figures in few.values():
            values = ", ".join(f"{k} {cell(figures[k])}" for k in ("before", "shift"))
            lines.append(f"  L1 dB with 4 reference mixtures: {values}")
    together = report["together"]
    lines.append(line("together", together["own_outputs"]))
    within = together["within_mixtures"]
    if within["mixtures"]:
        lines.append(
            f"Within a mixture, rho over separators that its judge never met: "
            f"{cell(within['spearman'])}, mean of {within['mixtures']} mixtures."
        )
    return "\n".join(lines)
