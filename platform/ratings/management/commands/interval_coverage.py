"""`manage.py interval_coverage`: do our 95 % intervals hold the truth 95 times?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ratings.statistics.coverage import Design, measure


class Command(BaseCommand):
    help = "Simulate studies whose truth is known and count the intervals that hold it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--studies", type=int, default=500)
        parser.add_argument("--seed", type=int, default=2022)
        for name in ("raters", "items", "votes"):
            default = getattr(Design, name)
            parser.add_argument(f"--{name}", type=int, default=default)

    def handle(self, *args: Any, **options: Any) -> None:
        design = Design(options["raters"], options["items"], options["votes"])
        found = measure(design, studies=options["studies"], seed=options["seed"])
        for name, share, n in (
            ("separator, two-way", found.separator, found.separators),
            ("item, t", found.item, found.items),
            ("item, bounded", found.item_bounded, found.items),
        ):
            self.stdout.write(f"{name:20} {share:6.1%} of {n}")
