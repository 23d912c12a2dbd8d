"""Before they record, speakers may tell of themselves; their microphone is checked."""

import json

import pytest
from django.test import Client

from people.models import Answers
from recordings import sessions
from recordings.models import Session, SetUp
from tests.recordings.factories import NOW, make_campaign

pytestmark = pytest.mark.django_db
TOLD = {
    "speaker_1-gender": "female",
    "speaker_1-age": "25-34",
    "speaker_1-native_language": "Basque",
    "speaker_2-accent": "Québec",
    "distance": "arm",
    "device": "phone",
}
FOUND = {
    "level_db": "-22.5",
    "floor_db": "-61",
    "faults": "",
    "capture": json.dumps({"echoCancellation": False, "device": "0123456789abcdef"}),
}


@pytest.fixture
def address() -> str:
    return f"/record/session/{sessions.start(make_campaign(), now=NOW)[1]}/"


def test_a_new_pair_is_asked_first_then_checks_its_microphone(
    client: Client, address: str
) -> None:
    assert client.get(address)["Location"] == f"{address}about/"
    assert client.post(f"{address}about/", TOLD)["Location"] == address
    assert client.get(address)["Location"] == f"{address}microphone/"
    assert client.post(f"{address}microphone/", FOUND)["Location"] == address
    assert client.get(address).status_code == 200


def test_answers_are_kept_for_each_speaker_apart_from_the_set_up(
    client: Client, address: str
) -> None:
    client.post(f"{address}about/", TOLD)
    first, second = Answers.objects.order_by("person")
    assert (first.gender, first.age) == ("female", "25-34")
    assert (first.native_language, first.accent) == ("Basque", "")
    assert (second.gender, second.accent) == ("", "Québec")
    set_up = SetUp.objects.get()
    assert (set_up.distance, set_up.room, set_up.device) == ("arm", "", "phone")


def test_every_question_may_be_left_out(client: Client, address: str) -> None:
    assert client.post(f"{address}about/", {}).status_code == 302
    assert Answers.objects.filter(gender="", age="").count() == 2


def test_other_answers_replace_the_first(client: Client, address: str) -> None:
    client.post(f"{address}about/", TOLD)
    client.post(f"{address}about/", {**TOLD, "speaker_1-gender": "other"})
    assert Answers.objects.get(person=1).gender == "other"
    assert Answers.objects.count() == 2


def test_an_answer_that_was_not_offered_is_refused(
    client: Client, address: str
) -> None:
    answer = client.post(f"{address}about/", {"speaker_1-age": "7"})
    assert answer.status_code == 422
    assert not Answers.objects.exists()


def test_a_check_is_kept_and_asked_again_on_another_device(
    client: Client, address: str
) -> None:
    client.post(f"{address}about/", TOLD)
    client.post(f"{address}microphone/", FOUND)
    found = SetUp.objects.get().microphone
    assert (found["level_db"], found["floor_db"]) == (-22.5, -61)
    assert found["capture"]["device"] == "0123456789abcdef"
    assert Client().get(address)["Location"] == f"{address}microphone/"


def test_a_check_of_no_numbers_is_not_taken(client: Client, address: str) -> None:
    answer = client.post(f"{address}microphone/", {**FOUND, "level_db": "loud"})
    assert answer.status_code == 400
    assert not SetUp.objects.exists()


def test_the_campaign_page_says_what_is_paid_and_has_an_example(
    client: Client,
) -> None:
    make_campaign(reward="0.50 US dollars for each recording.")
    page = client.get("/record/english/").content.decode()
    assert "0.50 US dollars for each recording." in page
    assert "recordings/example" in page


def test_a_stranger_is_asked_nothing(client: Client) -> None:
    for page in ("about", "microphone"):
        assert client.get(f"/record/session/guess/{page}/").status_code == 404
    assert not Session.objects.exists()
