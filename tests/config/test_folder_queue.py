"""The folder broker: whole messages, in order, each taken once."""

from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Queue

from config import queue
from config.celery import app

MESSAGES = 300


def connect(folder: Path) -> Connection:
    return Connection("filesystem://", transport_options=queue.folder_transport(folder))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with connect(tmp_path) as opened:
        yield opened


def send(folder: Path, name: str, messages: int) -> None:
    """Each test has its own name: kombu remembers bound queues per process."""
    with connect(folder) as connection:
        sender = connection.SimpleQueue(name)
        for number in range(messages):
            sender.put({"number": number})


def test_celery_uses_it() -> None:
    with app.connection_for_write() as connection:
        assert connection.transport_cls == "filesystem"
        assert type(connection.transport).__module__ == "config.folder_queue"


def test_messages_arrive_in_the_order_they_were_sent(tmp_path: Path) -> None:
    send(tmp_path, "ordered", 50)
    with connect(tmp_path) as connection:
        receiver = connection.SimpleQueue("ordered")
        found = [receiver.get(block=False).payload["number"] for _ in range(50)]
    assert found == list(range(50))


def test_a_reader_never_sees_half_a_message(tmp_path: Path) -> None:
    """kombu's own transport fails here: it opens the file before it writes."""
    with connect(tmp_path) as connection:
        receiver = connection.SimpleQueue("whole")
        sent = (tmp_path, "whole", MESSAGES)
        sender = get_context("spawn").Process(target=send, args=sent)
        sender.start()
        found = [receiver.get(timeout=60).payload["number"] for _ in range(MESSAGES)]
        sender.join()
    assert sorted(found) == list(range(MESSAGES))


def test_a_message_is_taken_once_and_leaves_nothing(
    tmp_path: Path, connection: Connection
) -> None:
    send(tmp_path, "once", 1)
    channel: Any = connection.channel()
    assert channel._size("once") == 1
    channel._get("once")
    with pytest.raises(Empty):
        channel._get("once")
    assert list((tmp_path / "messages").iterdir()) == []


def test_a_queue_does_not_get_the_messages_of_another(
    tmp_path: Path, connection: Connection
) -> None:
    send(tmp_path, "mine", 1)
    channel: Any = connection.channel()
    with pytest.raises(Empty):
        channel._get("theirs")


def test_an_exchange_keeps_all_of_its_queues(connection: Connection) -> None:
    channel: Any = connection.channel()
    for name in ("a", "b"):
        Queue(name, exchange="shared", routing_key=name, channel=channel).declare()
    assert {row.queue for row in channel.get_table("shared")} == {"a", "b"}
