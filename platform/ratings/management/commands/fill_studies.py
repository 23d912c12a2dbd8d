"""`manage.py fill_studies`: offer newly separated mixtures to raters now."""

from typing import Any

from django.core.management.base import BaseCommand

from ratings import studies


class Command(BaseCommand):
    help = "Add an item for each new finished run to every open study."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{studies.fill_open()} items added.")
