"""What workers do for the listening studies."""

from celery import shared_task
from django.utils.timezone import now

from ratings import judging, studies, traces


@shared_task
def fill_studies() -> None:
    studies.fill_open()


@shared_task
def judge_raters() -> None:
    judging.judge_new(now=now())


@shared_task
def forget_traces() -> None:
    traces.forget(now=now())
