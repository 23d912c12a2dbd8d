"""Celery tasks of this room: one inspection, and the sweep that repairs lost ones."""

from celery import shared_task
from django.utils import timezone

from recordings import inspections


@shared_task
def inspect_mixture(inspection_id: int) -> None:
    inspections.execute(inspection_id)


@shared_task
def sweep() -> None:
    inspections.sweep(now=timezone.now())
