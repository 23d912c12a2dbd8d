"""`manage.py rank_pairs`: strengths of separators from comparisons in pairs."""

import csv
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings.statistics import pairs

VERDICTS: dict[str, pairs.Verdict] = {"1": "first", "2": "second", "tie": "tie"}


class Command(BaseCommand):
    help = "Rank by Bradley-Terry with ties from a CSV file: first, second, better."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, help="the column better holds 1, 2 or tie"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with options["file"].open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        strange = [row for row in rows if row.get("better") not in VERDICTS]
        if strange or not rows:
            raise CommandError(
                f"{len(strange)} of {len(rows)} rows do not say 1, 2 or tie in the "
                "column better; each comparison needs one."
            )
        votes = [(row["first"], row["second"], VERDICTS[row["better"]]) for row in rows]
        try:
            found = pairs.rank(votes)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write("separator             strength  95 % interval")
        for one in found.strengths:
            self.stdout.write(
                f"{one.name:20}  {one.value:8.2f}  {one.low:.2f} to {one.high:.2f}"
            )
        best, last = found.strengths[0].name, found.strengths[-1].name
        self.stdout.write(
            f"{best} is preferred to {last} in {found.win(best, last):.0%} of decided "
            f"comparisons; {found.n} were made."
        )
