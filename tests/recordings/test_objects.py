"""Objects are stored once under their content's hash, and read by signed addresses."""

from hashlib import sha256
from pathlib import Path

import pytest
from django.core import signing
from django.test import Client
from pytest_django import Settings

from recordings import objects

SOUND = bytes(range(200))


def stored() -> str:
    return objects.store(SOUND, folder="mixtures", suffix="flac")


def test_content_is_named_by_its_hash_and_kept_once(settings: Settings) -> None:
    digest = sha256(SOUND).hexdigest()
    assert stored() == stored() == f"mixtures/{digest[:2]}/{digest}.flac"
    assert objects.digest_of(stored()) == digest
    assert objects.read(stored()) == SOUND
    files = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(files) == 1


@pytest.mark.parametrize("folder", ["", "..", "a/b", "Mixtures"])
def test_a_folder_that_leads_elsewhere_is_refused(folder: str) -> None:
    with pytest.raises(ValueError, match="folder and suffix must be lower-case words"):
        objects.store(SOUND, folder=folder, suffix="flac")


def test_a_signed_address_plays_the_object(client: Client) -> None:
    page = client.get(objects.signed_url(stored()))
    assert page.content == SOUND
    assert page.headers["Content-Type"] == "audio/flac"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("header", "part", "said"),
    [
        ("bytes=0-9", SOUND[:10], "bytes 0-9/200"),
        ("bytes=190-", SOUND[190:], "bytes 190-199/200"),
        ("bytes=-5", SOUND[-5:], "bytes 195-199/200"),
        ("bytes=150-9999", SOUND[150:], "bytes 150-199/200"),
        ("bytes=-9999", SOUND, "bytes 0-199/200"),
    ],
)
def test_a_player_may_seek(client: Client, header: str, part: bytes, said: str) -> None:
    page = client.get(objects.signed_url(stored()), headers={"Range": header})
    assert page.status_code == 206
    assert page.content == part
    assert page.headers["Content-Range"] == said


def test_a_range_beyond_the_end_is_answered_as_such(client: Client) -> None:
    page = client.get(objects.signed_url(stored()), headers={"Range": "bytes=200-"})
    assert page.status_code == 416
    assert page.headers["Content-Range"] == "bytes */200"


@pytest.mark.parametrize(
    "header", ["bytes=-", "bytes=a-b", "bytes=0-1,4-5", "cats=1-2"]
)
def test_a_range_that_makes_no_sense_gives_the_whole(
    client: Client, header: str
) -> None:
    page = client.get(objects.signed_url(stored()), headers={"Range": header})
    assert (page.status_code, page.content) == (200, SOUND)


@pytest.mark.django_db
def test_an_address_past_its_time_opens_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = objects.signed_url(stored(), seconds=60)
    issued = signing.time.time()  # type: ignore[attr-defined]
    monkeypatch.setattr(signing.time, "time", lambda: issued + 61)  # type: ignore[attr-defined]
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_a_forged_address_opens_nothing(client: Client) -> None:
    url = objects.signed_url(stored())
    assert client.get(url[:-5] + "AAAA/").status_code == 404
    assert client.get(f"/objects/{stored()}/").status_code == 404
