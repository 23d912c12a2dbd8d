"""`manage.py redeem FILE.csv`: redeem the stamps of a marketplace's results file."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from marketplace import redemption
from marketplace.redemption import Paste

COLUMNS = ("worker", "assignment", "stamp")


class Command(BaseCommand):
    help = "Redeem work stamps from a CSV file with worker, assignment and stamp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would happen, write nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pastes = _read(options["file"])
        dry_run = options["dry_run"]
        redeemed = 0
        outcomes = redemption.redeem_all(pastes, now=timezone.now(), dry_run=dry_run)
        for number, outcome in enumerate(outcomes, start=2):
            redeemed += outcome.is_redeemed
            paste = outcome.paste
            self.stdout.write(
                f"line {number}: {paste.worker} {paste.assignment} {paste.stamp}: "
                f"{outcome.message}"
            )
        would = "would be redeemed" if dry_run else "redeemed"
        left = len(pastes) - redeemed
        self.stdout.write(f"{redeemed} {would}, {left} refused.")
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")


def _read(path: Path) -> list[Paste]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = csv.DictReader(lines)
            found = list(rows.fieldnames or [])
            missing = [name for name in COLUMNS if name not in found]
            if missing:
                raise CommandError(
                    f"{path} has the columns {', '.join(found) or 'none'}; "
                    f"{', '.join(COLUMNS)} were expected. Please add "
                    f"{', '.join(missing)} to its first line."
                )
            return [
                Paste(*((row[name] or "").strip() for name in COLUMNS)) for row in rows
            ]
    except OSError as trouble:
        raise CommandError(
            f"{path} cannot be read ({trouble.strerror}); a CSV file was expected. "
            "Please check the path."
        ) from trouble
