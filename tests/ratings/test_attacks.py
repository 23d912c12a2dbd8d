"""What a dishonest rater may try, over HTTP, and what comes of it: nothing."""

import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from ratings import assignments, controls
from ratings.models import (
    Assignment,
    ControlAnswer,
    ControlSound,
    Play,
    Rating,
    Study,
)
from tests.ratings.factories import study
from tests.ratings.test_controls import controlled
from tests.ratings.test_pages import agree, hear_all

pytestmark = pytest.mark.django_db
SCORES = {"position": "1", "score_1": "4", "score_2": "2"}


def opened(client: Client, of: Study) -> tuple[str, list[str]]:
    """The rater's page and the addresses of its sounds."""
    link = agree(client, of)
    page = client.get(link).content.decode()
    return link, re.findall(r'data-address="([^"]+)"', page)


def test_a_vote_before_the_sounds_could_have_ended_is_refused(client: Client) -> None:
    link, sounds = opened(client, study())
    for sound in sounds:
        client.get(sound)
    refused = client.post(link, SCORES)  # fetched all, heard none
    assert refused.status_code == 422
    assert "but the 3 sounds last 6 s together" in refused.content.decode()
    assert not Rating.objects.exists()


def test_waiting_before_fetching_does_not_count_as_listening(client: Client) -> None:
    link, sounds = opened(client, study())
    long_ago = now() - timedelta(minutes=20)
    Assignment.objects.update(leased_at=long_ago)
    for sound in sounds:
        client.get(sound)
    assert client.post(link, SCORES).status_code == 422
    assert not Rating.objects.exists()


def test_a_second_vote_changes_nothing(client: Client) -> None:
    link, _ = opened(client, study())
    hear_all()
    assert client.post(link, SCORES).status_code == 302
    before = sorted(Rating.objects.values_list("estimate_id", "score"))
    client.post(link, {**SCORES, "score_1": "1", "score_2": "1"})
    assert sorted(Rating.objects.values_list("estimate_id", "score")) == before


def test_a_vote_never_reaches_a_foreign_lease(client: Client) -> None:
    of, thief = study(mixtures=2, items_per_session=5), Client()
    link, _ = opened(client, of)
    hear_all()
    client.post(link, SCORES)
    client.get(link)  # the victim's second recording: position 2
    victim = Assignment.objects.get(position=2)
    own, _ = opened(thief, of)
    hear_all()
    assert thief.post(own, {**SCORES, "position": "2"}).status_code == 404
    assert thief.post(own, {**SCORES, "position": str(victim.pk)}).status_code == 404
    assert thief.post("/rate/session/guess/", SCORES).status_code == 404
    thief.post(own, {**SCORES, "assignment": victim.pk, "session": victim.session_id})
    victim.refresh_from_db()
    assert victim.state == "leased" and not victim.ratings.exists()


@pytest.mark.parametrize(
    "guess", ["x", "1", "../1", "a" * 22, "a" * 22 + ":1abcde:" + "b" * 43]
)
def test_a_guessed_sound_is_not_found(client: Client, guess: str) -> None:
    opened(client, study())
    assert client.get(f"/rate/audio/{guess}/").status_code == 404


def test_a_known_key_is_of_no_use_without_its_signature(client: Client) -> None:
    opened(client, study())
    key = Play.objects.all()[0].key
    assert client.get(f"/rate/audio/{key}/").status_code == 404


def test_an_expired_address_is_not_found(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sounds = opened(client, study())
    late = time.time() + 601
    monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    assert [client.get(sound).status_code for sound in sounds] == [404] * 3
    assert not Play.objects.exclude(served_at=None).exists()


def test_somebody_elses_sound_is_not_found(client: Client) -> None:
    of, other = study(), Client()
    _, sounds = opened(client, of)
    opened(other, of)
    assert other.get(sounds[0]).status_code == 404


def test_the_answer_is_nowhere_in_what_the_browser_gets(client: Client) -> None:
    """Nor encoded in any way: the page is the same whatever the answer is."""
    of = controlled(items_per_session=1, controls_per_session=1)
    controls.prepare(of)
    link, _ = opened(client, of)
    hear_all()
    client.post(link, SCORES)
    shown = []
    for expected in (1, 5):
        ControlSound.objects.update(expected=expected)
        answer = client.get(link)
        assert Assignment.objects.get(position=2).control
        text = answer.content.decode()
        text = re.sub(r'csrfmiddlewaretoken" value="[^"]+', "", text)
        shown.append(re.sub(r"(/rate/audio/[^:]+):[^\"]+", r"\1", text))
    assert shown[0] == shown[1]


@pytest.mark.parametrize("score", ["0", "6", "3.5", "-1", "", "NaN", "5 ", "٣", "1e0"])
def test_scores_off_the_scale_are_refused(client: Client, score: str) -> None:
    link, _ = opened(client, study())
    hear_all()
    refused = client.post(link, {**SCORES, "score_2": score})
    assert refused.status_code == 422
    assert "Source B has no score from 1 to 5" in refused.content.decode()
    assert not Rating.objects.exists()


def test_a_missing_score_is_refused_and_more_than_asked_is_ignored(
    client: Client,
) -> None:
    link, _ = opened(client, study())
    hear_all()
    assert client.post(link, {"position": "1", "score_1": "4"}).status_code == 422
    assert client.post(link, {**SCORES, "score_3": "5"}).status_code == 302
    assert Rating.objects.count() == 2


def test_scores_off_the_scale_are_refused_for_controls_too(client: Client) -> None:
    of = controlled(items_per_session=1, controls_per_session=1)
    controls.prepare(of)
    link, _ = opened(client, of)
    hear_all()
    client.post(link, SCORES)
    client.get(link)
    hear_all()
    vote = {**SCORES, "position": "2"}
    assert client.post(link, {**vote, "score_1": "6"}).status_code == 422
    assert not ControlAnswer.objects.exists()
    assert client.post(link, vote).status_code == 302
    assert ControlAnswer.objects.count() == 2
    session = Assignment.objects.all()[0].session
    assert assignments.submitted_in(session) == 2
