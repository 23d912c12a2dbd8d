"""The servers that other tests rely on are real: they keep data and refuse misuse."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
import redis
from botocore.exceptions import ClientError

from tests.services.object_store import ObjectStore
from tests.services.postgres import postgres
from tests.services.processes import (
    Server,
    ServiceUnavailable,
    find_binary,
    scratch_folder,
    wait_until,
)


def test_postgres_keeps_a_row(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE harness (score integer)")
        connection.execute("INSERT INTO harness VALUES (5)")
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT score FROM harness").fetchall() == [(5,)]


def test_two_postgres_servers_run_side_by_side_and_end(postgres_url: str) -> None:
    with scratch_folder("second") as folder, postgres(folder) as second:
        assert second != postgres_url
        with psycopg.connect(second) as connection:
            tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'harness'"
            assert connection.execute(tables).fetchone() == (0,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(second, connect_timeout=2)


def test_redis_keeps_a_value(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("harness", "kept")
        assert client.get("harness") == b"kept"


@pytest.fixture
def stored(object_store: ObjectStore) -> ObjectStore:
    client = object_store.client()
    client.create_bucket(Bucket="harness")
    client.put_object(Bucket="harness", Key="word", Body=b"kept")
    return object_store


def test_the_object_store_keeps_an_object(stored: ObjectStore) -> None:
    answer = stored.client().get_object(Bucket="harness", Key="word")
    assert answer["Body"].read() == b"kept"


def test_the_object_store_refuses_a_wrong_secret(stored: ObjectStore) -> None:
    stranger = stored.client(secret_key="guessed")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.get_object(Bucket="harness", Key="word")


def test_the_object_store_refuses_an_expired_address(stored: ObjectStore) -> None:
    wanted = {"Bucket": "harness", "Key": "word"}
    sign = stored.client().generate_presigned_url
    short = sign("get_object", Params=wanted, ExpiresIn=1)
    lasting = sign("get_object", Params=wanted, ExpiresIn=60)
    time.sleep(2.1)
    with urllib.request.urlopen(lasting) as answer:
        assert answer.read() == b"kept"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(short)


def test_a_missing_server_is_named_with_its_package() -> None:
    with pytest.raises(ServiceUnavailable, match="no-such-server.*package some-pkg"):
        find_binary("no-such-server", package="some-pkg")


def test_a_server_that_ends_at_once_shows_its_log(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo port is taken; exit 3"]
    server = Server.start("demo", command, folder=tmp_path)
    with pytest.raises(RuntimeError, match="demo ended by itself(.|\n)*port is taken"):
        wait_until(lambda: False, server)


def test_stopping_a_server_ends_its_children_too(tmp_path: Path) -> None:
    command = ["sh", "-c", "trap '' TERM; sleep 60 & echo $! > child; wait; wait"]
    server = Server.start("stubborn", command, folder=tmp_path)
    child = tmp_path / "child"
    wait_until(lambda: child.exists() and bool(child.read_text()), server)
    server.stop(seconds=0.2)
    stat = Path(f"/proc/{child.read_text().strip()}/stat")
    assert not stat.exists() or stat.read_text().split()[2] == "Z"
