"""`manage.py sync_models`: rows for the separators and estimators installed here."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from separation import registry


class Command(BaseCommand):
    help = "Bring the rows of separators and estimators in step with this machine."

    def handle(self, *args: Any, **options: Any) -> None:
        from separation import engine  # loads torch: not for those who only list us

        separators, estimators = engine.sync(settings.WEIGHTS_DIR)
        for line in registry.sync(separators, estimators, now=timezone.now()):
            self.stdout.write(line)
        self.stdout.write(
            f"Installed separators: {len(separators)}; estimators: {len(estimators)}."
        )
