"""The whole site as real processes: web, worker, database, broker, object store."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal, get_args

from tests.services.object_store import object_store
from tests.services.postgres import postgres
from tests.services.processes import Server, free_port, scratch_folder, wait_until
from tests.services.redis_server import redis_server

Kind = Literal["sqlite-files", "postgres-redis-s3"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "CI")
BUCKET = "crosstalk-test"


class Stack:
    """A running site with its own data; nothing outside `folder` is written."""

    def __init__(self, kind: Kind, folder: Path, settings: Mapping[str, str]) -> None:
        self.kind = kind
        self.folder = folder
        self.port = free_port()
        self.env = {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}",
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "VAR_DIR": str(folder / "var"),
            **settings,
        }
        self.web: Server | None = None
        self.worker: Server | None = None

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def manage(self, *arguments: str, stdin: str = "", seconds: float = 120) -> str:
        """Run `manage.py ...` and return what it printed; complain if it ended badly.

        For a line of Python: `stack.manage("shell", "-c", "...")`.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if done.returncode:
            raise RuntimeError(
                f"manage.py {' '.join(arguments)} ended with {done.returncode}:\n"
                f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done.stdout

    def start(self) -> None:
        self.manage("migrate", "--no-input")
        if self.env.get("DEBUG") == "false":
            self.manage("collectstatic", "--no-input")
        if "S3_BUCKET" in self.env:
            self.manage("prepare_bucket")
        self.start_web()
        self.start_worker()

    def start_web(self) -> None:
        serve = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        size = ["--port", str(self.port), "--workers", "1", "--blocking-threads", "4"]
        command = [sys.executable, *serve, *size, "config.wsgi:application"]
        self.web = self._serve("web", command)
        wait_until(lambda: self.answers("/healthz"), self.web, seconds=60)

    def start_worker(self) -> None:
        """Start a worker and return at once; it takes some seconds to import torch."""
        command = [sys.executable, "manage.py", "worker"]
        self.worker = self._serve("worker", command)

    def kill_worker(self) -> None:
        """SIGKILL to the worker and to all of its children, as an outage would."""
        if self.worker is None:
            raise RuntimeError("There is no worker to kill; call start_worker first.")
        self.worker.kill()
        self.worker = None

    def answers(self, path: str) -> bool:
        """Is this page there (any status below 400)?"""
        try:
            urllib.request.urlopen(self.url(path), timeout=5).close()
        except OSError:
            return False
        return True

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait for `/readyz`: database, broker and object store all answer."""
        assert self.web is not None
        wait_until(lambda: self.answers("/readyz"), self.web, seconds=seconds)

    def logs(self, lines: int = 40) -> str:
        servers = [server for server in (self.web, self.worker) if server]
        return "\n".join(f"--- {one.name}\n{one.tail(lines)}" for one in servers)

    def stop(self) -> None:
        for server in (self.worker, self.web):
            if server:
                server.stop()

    def _serve(self, name: str, command: list[str]) -> Server:
        return Server.start(name, command, folder=self.folder, env=self.env, cwd=ROOT)


@contextmanager
def running_stack(kind: Kind, **settings: str) -> Iterator[Stack]:
    """Start a site with its services, e.g. `running_stack(kind, SWEEP_SECONDS="2")`."""
    with ExitStack() as services:
        folder = services.enter_context(scratch_folder("stack"))
        if kind == "postgres-redis-s3":
            settings = {**_production(services, folder), **settings}
        stack = Stack(kind, folder, settings)
        services.callback(stack.stop)
        stack.start()
        stack.wait_ready()
        yield stack


def _production(services: ExitStack, folder: Path) -> dict[str, str]:
    store = services.enter_context(object_store(folder))
    return {
        "DEBUG": "false",
        "SECRET_KEY": "only-for-a-test-" + "0123456789" * 4,
        "DATABASE_URL": services.enter_context(postgres(folder)),
        "CELERY_BROKER_URL": services.enter_context(redis_server(folder)),
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": store.endpoint,
        "S3_ACCESS_KEY": store.access_key,
        "S3_SECRET_KEY": store.secret_key,
    }
