"""A real Redis server for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.services.processes import Server, find_binary, free_port, wait_until


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """Yield the URL of an empty Redis that keeps nothing on disk."""
    port = free_port()
    binary = find_binary("redis-server", package="redis-server")
    address = ["--port", str(port), "--bind", "127.0.0.1"]
    memory_only = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = Server.start("redis", [binary, *address, *memory_only], folder=folder)
    try:
        with redis.Redis(port=port) as client:
            wait_until(lambda: _answers(client), server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.stop()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
