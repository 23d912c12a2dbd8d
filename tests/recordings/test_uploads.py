"""Ticket, file, "it is there": what the browser asks when objects are files."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from recordings import incoming, sessions
from recordings.models import Campaign, Mixture, Stamp
from tests.recordings.factories import NOW, chirp, make_campaign, make_take, wav

CONTENT = wav(chirp())
pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign()


@pytest.fixture
def address(campaign: Campaign) -> str:
    """Of the first take of a session."""
    session, token = sessions.start(campaign, now=NOW)
    return f"/record/session/{token}/{make_take(session).number}/"


def post(client: Client, ticket: dict[str, Any], content: bytes, **kind: str) -> Any:
    file = SimpleUploadedFile("take.wav", content, kind.get("type", "audio/wav"))
    return client.post(ticket["url"], {**ticket["fields"], "file": file})


def finish(client: Client, address: str, ticket: dict[str, Any]) -> Any:
    told = {"receipt": ticket["receipt"], "capture": json.dumps({"sampleRate": 16_000})}
    return client.post(f"{address}finish/", told)


def test_an_upload_earns_a_stamp_and_the_next_prompts(
    client: Client, address: str
) -> None:
    ticket = client.post(address).json()
    assert post(client, ticket, CONTENT).status_code == 204
    answer = finish(client, address, ticket).json()
    assert answer["stamp"] == Stamp.objects.get().code
    assert answer["recorded"] == 1
    assert len(set(answer["next"]["prompts"])) == 2
    assert answer["next"]["ticket"] == address.replace("/1/", "/2/")
    assert Mixture.objects.get().capture["sampleRate"] == 16_000


def test_after_the_last_take_there_is_no_next(
    client: Client, address: str, campaign: Campaign
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(takes_per_session=1)
    ticket = client.post(address).json()
    post(client, ticket, CONTENT)
    assert finish(client, address, ticket).json()["next"] is None


def test_a_sender_that_missed_the_answer_may_start_over(
    client: Client, address: str
) -> None:
    stamps = set()
    for _ in range(2):
        ticket = client.post(address).json()
        post(client, ticket, CONTENT)
        stamps.add(finish(client, address, ticket).json()["stamp"])
    assert len(stamps) == Mixture.objects.count() == 1


def test_a_finish_repeated_after_the_upload_went_asks_to_send_again(
    client: Client, address: str
) -> None:
    ticket = client.post(address).json()
    post(client, ticket, CONTENT)
    finish(client, address, ticket)
    again = finish(client, address, ticket)
    assert again.status_code == 409
    assert "The upload did not arrive" in again.json()["refusal"]


def test_a_bad_recording_is_refused_with_its_reason(
    client: Client, address: str
) -> None:
    ticket = client.post(address).json()
    post(client, ticket, b"not sound at all")
    answer = finish(client, address, ticket)
    assert answer.status_code == 422
    assert "a WAV or FLAC recording is expected" in answer.json()["refusal"]


def test_a_receipt_of_another_take_is_refused(client: Client, address: str) -> None:
    session, token = sessions.start(make_campaign("other"), now=NOW)
    other = f"/record/session/{token}/{make_take(session).number}/"
    ticket = client.post(other).json()
    post(client, ticket, CONTENT)
    answer = finish(client, address, ticket)
    assert answer.status_code == 422
    assert "belongs to another recording" in answer.json()["refusal"]
    assert finish(client, address, {"receipt": "forged"}).status_code == 422


def test_a_finish_without_a_receipt_is_not_understood(
    client: Client, address: str
) -> None:
    answer = client.post(f"{address}finish/")
    assert answer.status_code == 400
    assert answer.json()["refusal"] == "Found no receipt; send again."


def test_an_upload_without_a_ticket_is_refused(client: Client) -> None:
    answer = post(client, {"url": "/upload/", "fields": {"policy": "mine"}}, CONTENT)
    assert answer.status_code == 403
    assert "carries no ticket of this site" in answer.content.decode()


def test_an_upload_of_another_type_is_refused(client: Client, address: str) -> None:
    ticket = client.post(address).json()
    answer = post(client, ticket, CONTENT, type="text/html")
    assert answer.status_code == 403
    assert "Found text/html; audio/wav is expected" in answer.content.decode()


def test_an_upload_over_the_limit_is_refused(
    client: Client, address: str, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 90_000
    ticket = client.post(address).json()
    assert ticket["max_bytes"] == 90_000
    answer = post(client, ticket, CONTENT)
    assert answer.status_code == 403
    assert "The file has 0.1 MB; at most 0.09 MB are taken" in answer.content.decode()
    answer = post(client, ticket, CONTENT * 9)
    assert answer.status_code == 413


def test_an_old_ticket_is_refused() -> None:
    take = make_take()
    policy = incoming.ticket(take.subject, NOW)["fields"]["policy"]
    file = SimpleUploadedFile("take.wav", CONTENT, "audio/wav")
    with pytest.raises(incoming.UploadRefused, match="older than 10 minutes; send"):
        incoming.receive(policy, file, NOW + timedelta(minutes=11))


def test_a_posted_file_replaces_the_one_before(client: Client, address: str) -> None:
    ticket = client.post(address).json()
    post(client, ticket, b"half of it")
    post(client, ticket, CONTENT)
    assert finish(client, address, ticket).status_code == 200


def test_files_of_senders_who_never_came_back_go_after_a_day() -> None:
    take, today = make_take(), now()

    def send(day: datetime) -> str:
        file = SimpleUploadedFile("take.wav", CONTENT, "audio/wav")
        policy = incoming.ticket(take.subject, day)["fields"]["policy"]
        return incoming.receive(policy, file, day)

    old = send(today)
    send(today + timedelta(hours=1))
    assert default_storage.exists(old)
    send(today + timedelta(days=2))
    assert not default_storage.exists(old)


def test_a_file_too_big_is_not_read_whole(
    client: Client, address: str, settings: Settings
) -> None:
    ticket = client.post(address).json()
    post(client, ticket, CONTENT)
    settings.MAX_UPLOAD_BYTES = 90_000  # lowered meanwhile
    answer = finish(client, address, ticket)
    assert answer.status_code == 422
    assert "at most 0.09 MB are taken" in answer.json()["refusal"]


def test_a_stranger_gets_no_ticket(client: Client, address: str) -> None:
    assert client.post("/record/session/wrong/1/").status_code == 404
    assert client.post(address.replace("/1/", "/7/")).status_code == 404


def test_announced_bytes_that_are_here_are_answered_without_another_upload(
    client: Client, address: str
) -> None:
    told = {"sha256": sha256(CONTENT).hexdigest()}
    ticket = client.post(address, told).json()
    post(client, ticket, CONTENT)
    first = finish(client, address, ticket).json()
    again = client.post(address, told).json()
    assert again == {"answer": first}
    assert Stamp.objects.count() == 1


def test_other_bytes_than_announced_are_not_taken(client: Client, address: str) -> None:
    told = {"sha256": sha256(CONTENT).hexdigest()}
    ticket = client.post(address, told).json()
    post(client, ticket, wav(chirp(2)))
    answer = finish(client, address, ticket)
    assert answer.status_code == 409
    assert (
        f"{told['sha256'][:8]} was announced. Please send" in answer.json()["refusal"]
    )
    assert not Mixture.objects.exists()


def test_a_hash_that_is_none_is_refused(client: Client, address: str) -> None:
    answer = client.post(address, {"sha256": "../../etc"})
    assert answer.status_code == 400
    assert "a SHA-256 of 64 hexadecimal digits and one of" in answer.json()["refusal"]
