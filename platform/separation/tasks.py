"""Celery tasks of this room: one run, and the sweep that repairs lost ones."""

import os
import socket
from datetime import timedelta

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from separation import rescoring, runs
from separation.exchange import (
    Input,
    Outcome,
    PredictedScore,
    Samples,
    SeparationRefused,
)


@shared_task
def run_separation(run_id: int) -> None:
    runs.execute(
        run_id,
        separate=_separate,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        lease=timedelta(seconds=settings.RUN_LEASE_SECONDS),
    )


@shared_task
def sweep() -> None:
    runs.sweep(now=timezone.now())


@shared_task
def predict_missing() -> None:
    rescoring.predict_missing(_predict)


def _predict(given: Input, estimates: list[Samples]) -> list[list[PredictedScore]]:
    from separation import engine  # loads torch: only in a worker's child

    return engine.predict(given, estimates, device=settings.DEVICE)


def _separate(given: Input) -> Outcome:
    from separation import engine  # loads torch: only in a worker's child

    try:
        return engine.separate(
            given, device=settings.DEVICE, weights_dir=settings.WEIGHTS_DIR
        )
    except SoftTimeLimitExceeded as trouble:
        raise SeparationRefused(
            f"It took longer than {settings.CELERY_TASK_SOFT_TIME_LIMIT} s. Give it a "
            "faster device, or more time by TASK_SECONDS."
        ) from trouble
