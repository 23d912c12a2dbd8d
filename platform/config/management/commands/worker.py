"""`manage.py worker`: a Celery worker, with beat inside unless told otherwise."""

import os
import signal
import sys
from subprocess import run
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from config.celery import app
from separation import runs


class Command(BaseCommand):
    help = (
        "Separate mixtures until Ctrl-C or SIGTERM. Start it on as many machines as "
        "you like, with --no-beat on all but one; on a GPU with DEVICE=cuda:0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--queues", default="default,gpu")
        parser.add_argument("--concurrency", type=int, default=1, help="one per GPU")
        parser.add_argument(
            "--no-beat", action="store_true", help="another worker runs the sweep"
        )

    def handle(
        self, *, queues: str, concurrency: int, no_beat: bool, **options: Any
    ) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):  # until Celery takes them over
            signal.signal(number, _leave)
        self._sync_models()
        runs.sweep(now=timezone.now())
        connections.close_all()  # children must not inherit one
        # CUDA does not survive a fork: children load torch, their parent never.
        if "torch" in sys.modules:
            raise CommandError(
                "The worker's parent process has loaded torch, which breaks CUDA in "
                "its children. Import torch inside tasks only."
            )
        os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
        arguments = _arguments(queues, concurrency, with_beat=not no_beat)
        sys.exit(app.start(arguments))  # worker_main would hide the exit status

    def _sync_models(self) -> None:
        """In a process of its own, since it loads torch."""
        command = [sys.executable, str(settings.ROOT / "manage.py"), "sync_models"]
        if run(command, check=False).returncode:
            raise CommandError(
                "`manage.py sync_models` stopped; its message is above. Is the "
                "database migrated? Otherwise run `manage.py migrate`."
            )


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _arguments(queues: str, concurrency: int, *, with_beat: bool) -> list[str]:
    chosen = ["--queues", queues, "--concurrency", str(concurrency), "--pool=prefork"]
    level = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return ["worker", *chosen, *level, *(["--beat"] if with_beat else [])]
