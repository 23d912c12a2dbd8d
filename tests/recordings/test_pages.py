"""The contributor's pages: campaigns, consent of two, the session's own link."""

import re

import pytest
from django.test import Client

from people.models import Consent, Participant
from recordings import intake, sessions
from recordings.models import Campaign, Session
from tests.recordings.factories import (
    NOW,
    chirp,
    make_campaign,
    make_ready,
    make_take,
    wav,
)

BOTH = {"speaker_1": "on", "speaker_2": "on"}
pytestmark = pytest.mark.django_db


def version(campaign: Campaign) -> dict[str, str]:
    return {"version": campaign.consent_text.sha256}


def test_only_open_campaigns_are_listed(client: Client) -> None:
    make_campaign("open", title="Kitchen talk")
    make_campaign("closed", title="Old talk", is_open=False)
    page = client.get("/record/").content.decode()
    assert "Kitchen talk" in page
    assert "Old talk" not in page
    assert client.get("/record/closed/").status_code == 404


def test_without_campaigns_the_page_says_so(client: Client) -> None:
    page = client.get("/record/").content.decode()
    assert "No campaign takes recordings now" in page


def test_the_consent_text_is_shown_in_full(client: Client) -> None:
    campaign = make_campaign()
    page = client.get("/record/english/").content.decode()
    assert "You may keep what we say." in page
    assert campaign.consent_text.sha256 in page


def test_both_agree_and_a_session_begins(client: Client) -> None:
    campaign = make_campaign()
    page = client.post("/record/english/", BOTH | version(campaign))
    session = Session.objects.get()
    assert page.status_code == 302
    assert sessions.by_link(page["Location"].split("/")[3]) == session
    agreed = Consent.objects.filter(participant=session.participant)
    assert sorted(agreed.values_list("person", flat=True)) == [1, 2]


@pytest.mark.parametrize("missing", ["speaker_1", "speaker_2"])
def test_one_alone_cannot_begin(client: Client, missing: str) -> None:
    values = BOTH | version(make_campaign())
    del values[missing]
    page = client.post("/record/english/", values)
    assert page.status_code == 422
    speaker = {"speaker_1": "A", "speaker_2": "B"}[missing]
    assert f"Speaker {speaker} has to agree before you record." in page.content.decode()
    assert not Participant.objects.exists()


def test_a_text_that_changed_meanwhile_has_to_be_read_again(client: Client) -> None:
    campaign = make_campaign()
    page = client.post("/record/english/", BOTH | {"version": "0" * 64})
    assert page.status_code == 422
    assert "The text has changed since you opened this page" in page.content.decode()
    assert campaign.consent_text.sha256 in page.content.decode()
    assert "checked" not in page.content.decode()
    assert not Session.objects.exists()


def test_the_link_shows_two_prompts_and_no_stamp_yet(client: Client) -> None:
    session, token = sessions.start(make_campaign(), now=NOW)
    make_ready(client, session)
    page = client.get(f"/record/session/{token}/")
    take = session.takes.get()
    assert take.prompt_1.text in page.content.decode()
    assert take.prompt_2.text in page.content.decode()
    assert "CT-" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_the_finished_page_lists_all_stamps_of_this_session(client: Client) -> None:
    session, token = sessions.start(make_campaign(), now=NOW)
    for seconds in (3, 4):
        intake.accept(make_take(session), wav(chirp(seconds)), {}, now=NOW)
    page = client.get(f"/record/session/{token}/").content.decode()
    shown = re.findall(r"<code[^>]*>(CT-[^<]+)</code>", page)
    assert shown == [
        take.stamp.code for take in sessions.recorded(session) if take.stamp
    ]
    assert len(shown) == 2


def test_a_stranger_finds_no_session(client: Client) -> None:
    sessions.start(make_campaign(), now=NOW)
    assert client.get("/record/session/guess/").status_code == 404
