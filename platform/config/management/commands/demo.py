"""`manage.py demo`: a running, populated site on this machine; Ctrl-C ends it all."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from config import populate
from config.supervisor import DemoTrouble, Supervisor, check_port
from separation import runs
from separation.models import Separator

WEB_SECONDS = 30
RUNS_SECONDS = 1800


class Command(BaseCommand):
    help = "Start a populated demonstration site: web server, worker, data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--once", action="store_true", help="populate, say the address, and stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):  # also if started with `&`
            signal.signal(number, signal.default_int_handler)
        supervisor = Supervisor(settings.VAR_DIR)
        try:
            for name in supervisor.acquire():
                self.stdout.write(f"Stopped the {name} process of an earlier demo.")
            check_port(options["host"], options["port"])
            self._run(supervisor, options["host"], options["port"], options["once"])
        except DemoTrouble as trouble:
            raise CommandError(str(trouble)) from trouble
        except KeyboardInterrupt:
            self.stdout.write("\nStopping ...")
        finally:
            supervisor.stop()

    def _run(self, supervisor: Supervisor, host: str, port: int, once: bool) -> None:
        address = f"http://localhost:{port}"
        env = {**os.environ, "SITE_URL": address, "PYTHONPATH": _python_path()}
        self.stdout.write("Database ...")
        call_command("migrate", verbosity=0, interactive=False)
        self.stdout.write("Demo campaign, study and 24 mixtures ...")
        campaign, study = populate.load(now=timezone.now())
        if not Separator.objects.exists():
            self.stdout.write("Separators and estimator ...")
            subprocess.run([*_manage(), "sync_models"], env=env, check=True)
        supervisor.start("web", _web(host, port), env)
        supervisor.start("worker", [*_manage(), "worker"], env)
        self._wait_for_web(supervisor, f"http://{host}:{port}/readyz")
        self._wait_for_runs(supervisor)
        self.stdout.write("Simulated ratings (labeled so on every page) ...")
        populate.rate(study, now=timezone.now())
        password = populate.staff_password(settings.VAR_DIR)
        self.stdout.write(
            self.style.SUCCESS(f"\nCrosstalk runs at {address}\n")
            + f"Staff pages: sign in as {populate.STAFF_EMAIL} with {password}\n"
            f"Logs: {settings.VAR_DIR / 'log'}\n"
            "Ctrl-C stops everything; `make demo` starts it again."
        )
        while not once:
            supervisor.check()
            time.sleep(0.5)

    def _wait_for_web(self, supervisor: Supervisor, probe: str) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while True:
            supervisor.check()
            try:
                with urllib.request.urlopen(probe, timeout=5):
                    return
            except OSError as trouble:
                if time.monotonic() > deadline:
                    raise DemoTrouble(
                        f"{probe} does not answer after {WEB_SECONDS} s ({trouble}). "
                        f"See {settings.VAR_DIR / 'log' / 'web.log'}."
                    ) from trouble
            time.sleep(0.1)

    def _wait_for_runs(self, supervisor: Supervisor) -> None:
        """Show the runs of all separators on all mixtures until none is left."""
        runs.enqueue_missing(now=timezone.now())
        counts = runs.counts()
        total, left = sum(counts.values()), _unfinished(counts)
        if not left:
            return
        deadline = time.monotonic() + RUNS_SECONDS
        quiet = 0.3 if sys.stderr.isatty() else 15  # seconds between lines of a log
        with tqdm(
            total=total,
            initial=total - left,
            unit="run",
            desc="Runs",
            mininterval=quiet,
        ) as bar:
            while left and time.monotonic() < deadline:
                supervisor.check()
                time.sleep(0.3)
                left = _unfinished(runs.counts())
                bar.update(total - left - bar.n)
        if failed := runs.counts().get("failed", 0):
            self.stdout.write(
                self.style.WARNING(f"{failed} runs have failed: see /staff/runs/.")
            )


def _unfinished(counts: dict[str, int]) -> int:
    return counts.get("queued", 0) + counts.get("running", 0)


def _manage() -> list[str]:
    return [sys.executable, str(settings.ROOT / "manage.py")]


def _python_path() -> str:
    return os.pathsep.join([str(settings.ROOT), str(settings.ROOT / "platform")])


def _web(host: str, port: int) -> list[str]:
    granian = str(Path(sys.executable).parent / "granian")
    listen = ["--host", host, "--port", str(port)]
    threads = ["--workers", "1", "--blocking-threads", "4"]
    return [
        granian,
        "--interface",
        "wsgi",
        *listen,
        *threads,
        "config.wsgi:application",
    ]
