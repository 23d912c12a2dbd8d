"""Compile the translations: ./manage.py translations."""

from typing import Any

from django.core.management.base import BaseCommand

from config import translations


class Command(BaseCommand):
    help = "Compile locale/*/LC_MESSAGES/django.po; a new folder is a new language."

    def handle(self, *args: Any, **options: Any) -> None:
        for target in translations.compile_all(translations.LOCALE):
            self.stdout.write(f"Wrote {target.relative_to(translations.LOCALE)}.")
