"""`manage.py inspection_table`: how good each check is on clips with known faults."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recordings.inspection.bench import table


class Command(BaseCommand):
    help = (
        "Make clips with known faults from a folder of speech, inspect them, and print "
        "precision and recall of every check."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speech", type=Path, required=True)
        parser.add_argument("--of-each", type=int, default=16, help="clips per kind")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", type=Path, help="also write every value here")
        parser.add_argument(
            "--calibrate",
            action="store_true",
            help="with the speakers the limits were chosen on, not the others",
        )

    def handle(
        self, *, speech: Path, of_each: int, seed: int, calibrate: bool, **options: Any
    ) -> None:
        if not (speech / "manifest.csv").exists():
            raise CommandError(
                f"{speech} holds no manifest.csv; name a folder of speech with the "
                "columns split, corpus, speaker, path, seconds and text."
            )
        judged = table.judge_clips(
            speech,
            of_each=of_each,
            seed=seed,
            half=0 if calibrate else 1,
            say=self.stderr.write,
        )
        if options["json"]:
            options["json"].write_text(json.dumps(table.rows(judged)))
        self.stdout.write(table.summary(judged))
        self.stdout.write("\n" + table.checks_table(judged))
        self.stdout.write("\n" + table.verdicts_table(judged))
