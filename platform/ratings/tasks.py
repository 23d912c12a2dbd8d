"""What workers do for the listening studies."""

from celery import shared_task

from ratings import studies


@shared_task
def fill_studies() -> None:
    studies.fill_open()
