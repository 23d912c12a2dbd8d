"""The pages of a rater: ways in, guards, refusals kept on the page, the end."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from people.models import Consent
from ratings import assignments, studies
from ratings.models import Assignment, Rating, Session, Study
from tests.ratings.factories import rater, study

pytestmark = pytest.mark.django_db


def agree(client: Client, of: Study) -> str:
    """The address of the rater's page."""
    return client.post(f"/rate/{of.slug}/", {"agrees": "on"})["Location"]


def hear_all() -> None:
    """As if the page had been open for a minute and every sound was fetched."""
    opened = now() - timedelta(minutes=1)
    for assignment in Assignment.objects.filter(state="leased"):
        assignment.plays.update(served_at=opened)
    Assignment.objects.filter(state="leased").update(leased_at=opened)


def test_without_a_study_the_page_says_what_else_to_do(client: Client) -> None:
    page = client.get("/rate/").content.decode()
    assert "No study is open" in page and "/record/" in page


def test_only_open_studies_are_listed(client: Client) -> None:
    shown, paused = study(slug="shown"), study(slug="paused")
    studies.pause(paused)
    page = client.get("/rate/").content.decode()
    assert f"/rate/{shown.slug}/" in page
    assert f"/rate/{paused.slug}/" not in page


def test_a_draft_is_not_there_and_a_paused_study_says_so(client: Client) -> None:
    of = study()
    studies.pause(of)
    page = client.get("/rate/overall/")
    assert page.status_code == 200 and "This study is paused" in page.content.decode()
    assert client.post("/rate/overall/", {"agrees": "on"}).status_code == 422
    Study.objects.update(state="draft")
    assert client.get("/rate/overall/").status_code == 404


def test_consent_is_needed_and_recorded(client: Client) -> None:
    of = study()
    refused = client.post("/rate/overall/", {})
    assert refused.status_code == 422
    assert "ratings need your agreement" in refused.content.decode()
    assert not Session.objects.exists()
    agree(client, of)
    consent = Consent.objects.get(participant__role="rater")
    assert consent.text == of.consent_text


def test_the_page_shows_progress_and_neutral_names(client: Client) -> None:
    page = client.get(agree(client, study(items_per_session=3))).content.decode()
    assert "1 of 3" in page
    titles = re.findall(r'<h2 id="sound-\d">(.+?)</h2>', page)
    assert titles == ["The recording", "Source A", "Source B"]
    assert not re.search(r'type="radio"[^>]*checked', page)


def test_scores_are_taken_and_the_next_item_follows(client: Client) -> None:
    address = agree(client, study(items_per_session=2))
    client.get(address)
    hear_all()
    sent = client.post(address, {"position": "1", "score_1": "4", "score_2": "2"})
    assert sent.status_code == 302 and sent["Location"] == address
    assert "2 of 2" in client.get(address).content.decode()
    assert sorted(Rating.objects.values_list("score", flat=True)) == [2, 4]


def test_a_missing_score_is_named_and_the_other_is_kept(client: Client) -> None:
    address = agree(client, study())
    client.get(address)
    hear_all()
    refused = client.post(address, {"position": "1", "score_1": "4"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Source B has no score from 1 to 5" in page
    assert re.search(r'name="score_1" value="4" checked', page)
    assert "data-hear-again" not in page


def test_scores_sent_too_fast_are_kept_and_the_sounds_are_asked_for_again(
    client: Client,
) -> None:
    address = agree(client, study())
    client.get(address)
    refused = client.post(address, {"position": "1", "score_1": "4", "score_2": "1"})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "3 of 3 sounds were not played" in page
    assert re.search(r'name="score_2" value="1" required checked', page)
    assert "data-hear-again" in page


def test_a_repeated_submit_leads_on_and_says_so(client: Client) -> None:
    address = agree(client, study())
    client.get(address)
    hear_all()
    scores = {"position": "1", "score_1": "4", "score_2": "2"}
    client.post(address, scores)
    again = client.post(address, scores, follow=True)
    assert "stored once" in again.content.decode()
    assert Rating.objects.count() == 2


@pytest.mark.parametrize("position", ["7", "", "x", "-1"])
def test_a_position_that_was_not_given_out_is_not_found(
    client: Client, position: str
) -> None:
    address = agree(client, study())
    client.get(address)
    assert client.post(address, {"position": position}).status_code == 404


def test_the_last_item_leads_to_the_stamp_which_stays(client: Client) -> None:
    address = agree(client, study(items_per_session=1))
    client.get(address)
    hear_all()
    scores = {"position": "1", "score_1": "4", "score_2": "2"}
    client.post(address, scores)
    stamp = Session.objects.get().stamp
    assert stamp
    for _ in range(2):
        assert stamp.code in client.get(address).content.decode()


def test_nothing_left_shows_no_stamp(client: Client) -> None:
    page = client.get(agree(client, study(mixtures=0))).content.decode()
    assert "Nothing is left to rate" in page


def test_a_paused_session_asks_to_come_back(client: Client) -> None:
    of = study()
    address = agree(client, of)
    studies.pause(of)
    assert "Come back to this address" in client.get(address).content.decode()


def test_a_wrong_link_and_a_contributors_link_are_not_found(client: Client) -> None:
    rater(study())
    assert client.get("/rate/session/not-a-link/").status_code == 404


def test_the_page_with_its_secret_link_is_not_cached(client: Client) -> None:
    page = client.get(agree(client, study()))
    assert "no-store" in page["Cache-Control"]


def test_a_refusal_to_join_is_shown_when_the_study_closes_meanwhile(
    client: Client,
) -> None:
    of = study()
    studies.close(of)
    refused = client.post("/rate/overall/", {"agrees": "on"})
    assert refused.status_code == 422
    with pytest.raises(studies.StudyClosed, match="is closed"):
        assignments.enroll(of, now=now())
