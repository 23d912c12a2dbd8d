"""`manage.py add_controls`: anchors and traps for a study, or gold from a run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings import controls
from ratings.models import Study
from separation.models import Run


class Command(BaseCommand):
    help = "Make a study's anchors and traps, or a gold control of a run you scored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="its slug")
        parser.add_argument("--run", type=int, help="number of the run")
        parser.add_argument("--scores", type=int, nargs="*", help="of source 1, 2, ...")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"No study {options['study']}; see the staff pages.")
        if options["run"] is None:
            made = controls.prepare(study)
            self.stdout.write(f"{made} controls made.")
            return
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"No run {options['run']}; see the runs page.")
        scores = dict(enumerate(options["scores"] or [], start=1))
        try:
            controls.add_gold(study, run, scores)
        except controls.ControlRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{run} is a gold control now.")
