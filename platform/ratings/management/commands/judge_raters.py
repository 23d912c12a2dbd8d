"""`manage.py judge_raters`: apply the rules on raters now, and tell why."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from ratings import decisions, evidence, judging
from ratings.models import Study


class Command(BaseCommand):
    help = "Say of each rater of a study whether the scores are used, and why not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", help="its slug")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            slugs = ", ".join(Study.objects.values_list("slug", flat=True)) or "none"
            raise CommandError(f"No study {options['study']}; there are: {slugs}.")
        changed = judging.judge(study, now=now())
        for is_simulated in (False, True):
            for one in evidence.gather(study, is_simulated=is_simulated):
                last = decisions.data(one.session)
                told = f"{last.outcome} ({last.rule}): {last.reason}" if last else "use"
                flags = ", ".join(judging.flags(one))
                self.stdout.write(
                    f"{one.session.participant.pseudonym:16} {told}"
                    + (f" [{flags}]" if flags else "")
                )
        self.stdout.write(f"{changed} decisions changed.")
