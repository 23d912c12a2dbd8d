"""Uploads to a real S3 server: only what the ticket allows, and all that it allows."""

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from recordings import bucket, incoming, objects, sessions
from recordings.models import Mixture, Stamp
from tests.recordings.factories import NOW, chirp, make_campaign, make_take, wav
from tests.services.object_store import ObjectStore

CONTENT = wav(chirp())
SITE = "https://crosstalk.example.org"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bucket(object_store: ObjectStore, settings: Settings) -> None:
    """A bucket of its own for each test, named by the settings as in production."""
    settings.S3_BUCKET = f"test-{uuid.uuid4().hex[:8]}"
    settings.S3_ENDPOINT = settings.S3_PUBLIC_ENDPOINT = object_store.endpoint
    settings.S3_ACCESS_KEY = object_store.access_key
    settings.S3_SECRET_KEY = object_store.secret_key
    settings.SITE_URL = SITE
    options = {
        "bucket_name": settings.S3_BUCKET,
        "endpoint_url": object_store.endpoint,
        "access_key": object_store.access_key,
        "secret_key": object_store.secret_key,
        "addressing_style": "path",
        "signature_version": "s3v4",
        "default_acl": None,
        "file_overwrite": False,
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
    }
    call_command("prepare_bucket", verbosity=0)


def post(
    url: str, fields: dict[str, str], content: bytes, **headers: str
) -> tuple[int, str]:
    """Status and answer of a browser's form with a file as its last field."""
    edge = uuid.uuid4().hex
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    )
    body = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
    headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
    return fetch(urllib.request.Request(url, data=body, headers=headers))


def fetch(request: urllib.request.Request) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode("latin-1")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode("latin-1")


def ticket() -> dict[str, Any]:
    return incoming.ticket(make_take().subject, NOW)


def test_an_upload_by_ticket_becomes_a_mixture(client: Client) -> None:
    session, token = sessions.start(make_campaign(), now=NOW)
    address = f"/record/session/{token}/{make_take(session).number}/"
    form = client.post(address).json()
    status, answer = post(form["url"], form["fields"], CONTENT)
    assert status == 204, answer
    told = {"receipt": form["receipt"], "capture": json.dumps({})}
    assert client.post(f"{address}finish/", told).status_code == 200
    mixture = Mixture.objects.get()
    assert Stamp.objects.count() == 1
    assert objects.read(str(mixture.original)) == CONTENT
    assert keys() == {str(mixture.original), str(mixture.audio)}  # incoming/ is empty


def keys() -> set[str]:
    listed = bucket.client().list_objects_v2(Bucket=settings.S3_BUCKET)
    return {entry["Key"] for entry in listed.get("Contents", [])}


def test_an_upload_over_the_limit_is_refused(settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 90_000
    form = ticket()
    status, answer = post(form["url"], form["fields"], CONTENT)
    assert status == 400
    assert "EntityTooLarge" in answer
    assert keys() == set()


def test_an_upload_past_its_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MINUTES", -1)
    form = ticket()
    status, answer = post(form["url"], form["fields"], CONTENT)
    assert status == 403, answer
    assert keys() == set()


def test_an_upload_to_another_key_is_refused() -> None:
    form = ticket()
    elsewhere = form["fields"] | {"key": "mixtures/aa/mine.flac"}
    status, answer = post(form["url"], elsewhere, CONTENT)
    assert status == 403, answer
    assert keys() == set()


def test_an_upload_of_another_type_is_refused() -> None:
    form = ticket()
    page = form["fields"] | {"Content-Type": "text/html"}
    status, answer = post(form["url"], page, CONTENT)
    assert status == 403, answer
    assert keys() == set()


def test_an_upload_signed_with_a_wrong_secret_is_refused(settings: Settings) -> None:
    settings.S3_SECRET_KEY = "guessed"
    form = ticket()
    status, answer = post(form["url"], form["fields"], CONTENT)
    assert status == 403, answer


def test_the_site_may_upload_from_its_pages_and_no_other_may() -> None:
    form = ticket()
    ours = preflight(form["url"], SITE)
    assert ours == SITE
    assert preflight(form["url"], "https://elsewhere.example.org") is None


def preflight(url: str, origin: str) -> str | None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked = urllib.request.Request(url, method="OPTIONS", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            allowed: str | None = answer.headers.get("Access-Control-Allow-Origin")
            return allowed
    except urllib.error.HTTPError:
        return None


def test_forgotten_uploads_go_after_a_day(settings: Settings) -> None:
    rules = bucket.client().get_bucket_lifecycle_configuration(
        Bucket=settings.S3_BUCKET
    )["Rules"]
    assert [rule["Expiration"]["Days"] for rule in rules] == [1]
    assert rules[0]["Filter"]["Prefix"] == "incoming/"


def test_preparing_twice_changes_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bucket.client().get_bucket_cors(Bucket=settings.S3_BUCKET)["CORSRules"]
    call_command("prepare_bucket")
    told = capsys.readouterr().out
    assert "Made the bucket" not in told
    assert f"Pages of {SITE} may upload to it" in told
    after = bucket.client().get_bucket_cors(Bucket=settings.S3_BUCKET)["CORSRules"]
    assert before == after


def test_an_object_plays_by_its_signed_address_only(settings: Settings) -> None:
    name = objects.store(b"sound", folder="mixtures", suffix="flac")
    url = objects.signed_url(name, seconds=60)
    with urllib.request.urlopen(url, timeout=20) as answer:
        assert answer.read() == b"sound"
        assert answer.headers["Content-Type"] == "audio/flac"
        assert answer.headers["Cache-Control"] == "private, no-store"
    bare = urllib.request.Request(url.partition("?")[0])
    assert fetch(bare)[0] == 403
    assert fetch(urllib.request.Request(url[:-3] + "000"))[0] == 403


def test_a_player_may_seek_in_the_bucket() -> None:
    name = objects.store(bytes(range(200)), folder="mixtures", suffix="flac")
    url = objects.signed_url(name)
    asked = urllib.request.Request(url, headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert answer.status == 206
        assert answer.read() == bytes(range(10, 20))
