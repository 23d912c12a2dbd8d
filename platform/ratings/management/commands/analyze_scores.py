"""`manage.py analyze_scores`: agreement, intervals, rater models of a score table."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings import mos
from ratings.statistics import agreement, rater_model, screening, tables
from ratings.statistics.tables import Floats

COLUMNS = {"rater", "item", "score"}


class Command(BaseCommand):
    help = "Analyze scores from a CSV file with the columns rater, item and score."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        raters, items, values = _read(options["file"])
        is_complete = not np.isnan(values).any()
        for name in ("nominal", "ordinal", "interval"):
            self._say(f"alpha, {name}", agreement.alpha(values, name))
        if is_complete and min(values.shape) > 1:
            for form, value in vars(agreement.icc(values)).items():
                self._say(f"ICC, {form.replace('_', ' ')}", value)
        if found := agreement.reliability(values):
            self._say("reliability of one score", found.one_score)
            self._say("reliability of an item's mean", found.item_mean)
        self._items(items, values, is_complete)
        self._raters(raters, values)

    def _items(self, items: list[str], values: Floats, is_complete: bool) -> None:
        shrunk = rater_model.shrunk(values)
        p910 = rater_model.p910(values) if is_complete else None
        self.stdout.write(
            "\nitem                 n   MOS  interval       modeled  P.910"
            if p910
            else "\nitem                 n   MOS  interval       modeled"
        )
        for column, item in enumerate(items):
            own = values[:, column]
            one = mos.mos([float(score) for score in own[~np.isnan(own)]])
            line = f"{item:20} {one.n:2}  {one.mean:.2f}  {_interval(one):13}"
            line += f"  {shrunk.quality[column]:7.2f}"
            self.stdout.write(line + (f"  {p910.quality[column]:.2f}" if p910 else ""))

    def _raters(self, raters: list[str], values: Floats) -> None:
        model = rater_model.shrunk(values)
        fits, noisy = screening.leave_one_out(values), screening.bt500(values)
        self.stdout.write("\nrater                n   bias  spread  fit   note")
        for row, rater in enumerate(raters):
            fit = fits[row]
            notes = [
                note
                for note, holds in (
                    ("unlike the others", fit.is_unfit),
                    ("low fit", fit.is_flagged and not fit.is_unfit),
                    ("BT.500", noisy[row].is_rejected),
                )
                if holds
            ]
            r = "-" if fit.r is None else f"{fit.r:.2f}"
            self.stdout.write(
                f"{rater:20} {int((~np.isnan(values[row])).sum()):2}  "
                f"{model.bias[row]:5.2f}  {model.inconsistency[row]:6.2f}  {r:5} "
                + ", ".join(notes)
            )

    def _say(self, name: str, value: float | None) -> None:
        self.stdout.write(f"{name:32} {'-' if value is None else f'{value:.3f}'}")


def _interval(one: mos.Mos) -> str:
    return "" if one.low is None else f"{one.low:.2f} to {one.high:.2f}"


def _read(file: Path) -> tuple[list[str], list[str], Floats]:
    """Raters, items, and the table."""
    try:
        with file.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as trouble:
        raise CommandError(f"{file} cannot be read: {trouble.strerror}.") from trouble
    if not rows or not set(rows[0]) >= COLUMNS:
        raise CommandError(
            f"{file} has no rows with the columns rater, item and score; name them so "
            "in its first line."
        )
    raters = sorted({row["rater"] for row in rows})
    items = sorted({row["item"] for row in rows})
    try:
        scores = {
            (raters.index(row["rater"]), items.index(row["item"])): float(row["score"])
            for row in rows
        }
    except ValueError as trouble:
        raise CommandError(f"{file}: {trouble}; scores are numbers.") from trouble
    return raters, items, tables.of(scores).values
