"""`manage.py inspect_takes`: inspect recordings here and now, without a worker."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from recordings import inspections
from recordings.models import Inspection, Mixture


class Command(BaseCommand):
    help = (
        "Inspect the real recordings that the present checks have not seen, or those "
        "named, again. A person's verdict stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", metavar="SLUG")
        parser.add_argument("--all", action="store_true", help="every real recording")

    def handle(self, *, slugs: list[str], all: bool, **options: Any) -> None:
        now = timezone.now()
        inspections.enqueue_missing(now=now)
        for mixture in self._named(slugs, all):
            inspections.again(mixture, now=now)
        waiting = Inspection.objects.claimable(now=now).order_by("pk")
        if slugs:
            waiting = waiting.filter(mixture__slug__in=slugs)
        for pk in list(waiting.values_list("pk", flat=True)):
            inspections.execute(pk)
            done = Inspection.objects.select_related("mixture").get(pk=pk)
            said = " ".join([done.verdict or done.state, *done.reasons])
            self.stdout.write(f"{done.mixture}: {said}")

    def _named(self, slugs: list[str], every: bool) -> list[Mixture]:
        real = Mixture.objects.filter(kind=Mixture.Kind.REAL).order_by("pk")
        if every:
            return list(real)
        found = list(real.filter(slug__in=slugs))
        missing = set(slugs) - {mixture.slug for mixture in found}
        if missing:
            raise CommandError(
                f"Found no real recording named {', '.join(sorted(missing))}; names "
                "are those of the staff page of mixtures, such as m-0123456789ab."
            )
        return found
