"""/healthz and /readyz: what a proxy and an orchestrator ask."""

import pytest
from django.test import Client

from config import probes


def test_healthz_answers_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_is_200_when_everything_answers(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "broker": "ok", "objects": "ok"}


@pytest.mark.django_db
def test_readyz_is_503_and_names_what_does_not_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise ConnectionRefusedError

    monkeypatch.setitem(probes.PROBES, "objects", absent)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["objects"] == "ConnectionRefusedError"
