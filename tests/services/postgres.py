"""A real PostgreSQL server for tests."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services.processes import (
    Server,
    find_binary,
    free_port,
    wait_until,
)

# Durability costs two thirds of the time of a test and protects nothing here.
HASTY = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


@contextmanager
def postgres(folder: Path, *, database: str = "crosstalk") -> Iterator[str]:
    """Yield the URL of an empty database; `folder` must be enterable by all users."""
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses root
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    initdb, server_binary = _binary("initdb"), _binary("postgres")
    if user:
        subprocess.run(["chown", user, data], check=True)
    options = ["-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8"]
    made = subprocess.run(
        [initdb, "-D", data, *options, "--locale=C.UTF-8"],
        user=user,
        cwd="/",
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise RuntimeError(f"initdb ended with {made.returncode}:\n{made.stderr}")
    port = free_port()
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", *HASTY]
    command = [server_binary, "-D", str(data), "-p", str(port)]
    for setting in settings:
        command += ["-c", setting]
    server = Server.start(
        "postgres",
        command,
        folder=folder,
        user=user,
        cwd=data.parent,
        stop_signal=signal.SIGINT,  # "fast": does not wait for clients to leave
    )
    try:
        url = f"postgres://app@127.0.0.1:{port}"
        wait_until(lambda: _answers(f"{url}/postgres"), server)
        with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}".encode())
        yield f"{url}/{database}"
    finally:
        server.stop()


def _binary(name: str) -> str:
    """Newest version first: /usr/lib/postgresql/16/bin before .../15/bin."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    folders = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    return find_binary(name, package="postgresql", folders=folders)


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
