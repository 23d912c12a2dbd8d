"""`manage.py enqueue`: runs for mixtures without one; repairs lost ones as well."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from separation import runs


class Command(BaseCommand):
    help = "Queue every active separator for every mixture it has not separated yet."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = runs.sweep(now=timezone.now())
        states = ", ".join(
            f"{number} {state}" for state, number in runs.counts().items()
        )
        self.stdout.write(f"{sent} runs announced to the workers. Now: {states}.")
