"""Participants are known by a private link, and by what they agreed to."""

import re
from datetime import UTC, datetime

import pytest

from people import consent, participants
from people.models import Consent, ConsentText, Participant

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def make_text(body: str = "You may keep what we say.") -> ConsentText:
    return consent.current("record", body=body, now=NOW)


def test_the_same_words_are_the_same_version() -> None:
    assert make_text("One.\nTwo.") == make_text("One.\r\nTwo.\n")


def test_one_changed_word_is_a_new_version() -> None:
    assert make_text("You may keep it.") != make_text("You may sell it.")
    assert ConsentText.objects.count() == 2


def test_the_same_words_for_another_purpose_are_another_version() -> None:
    assert make_text("Yes.") != consent.current("rate", body="Yes.", now=NOW)


def test_an_empty_consent_text_is_refused() -> None:
    with pytest.raises(ValueError, match="text is empty; write what people agree to"):
        make_text("  \n")


def test_a_pair_consents_as_two_persons() -> None:
    text = make_text()
    pair, _ = participants.enroll("contributor", text=text, persons=2, now=NOW)
    agreed = Consent.objects.filter(participant=pair, text=text, agreed_at=NOW)
    assert list(agreed.values_list("person", flat=True).order_by("person")) == [1, 2]


def test_three_persons_are_refused() -> None:
    with pytest.raises(ValueError, match="3 persons agreed; a participant is 1 or 2"):
        participants.enroll("contributor", text=make_text(), persons=3, now=NOW)


def test_the_link_finds_its_participant_and_nobody_else() -> None:
    text = make_text()
    first, token = participants.enroll("rater", text=text, persons=1, now=NOW)
    second, other = participants.enroll("rater", text=text, persons=1, now=NOW)
    assert participants.by_link(token, "rater") == first
    assert participants.by_link(other, "rater") == second
    assert participants.by_link(token[:-1], "rater") is None
    assert participants.by_link("", "rater") is None


def test_a_rater_link_opens_no_contributor() -> None:
    _, token = participants.enroll("rater", text=make_text(), persons=1, now=NOW)
    assert participants.by_link(token, "contributor") is None


def test_the_secret_of_the_link_is_not_stored() -> None:
    person, token = participants.enroll("rater", text=make_text(), persons=1, now=NOW)
    row = Participant.objects.filter(pk=person.pk).values().get()
    assert token not in str(row)
    assert len(token) >= 32


def test_pseudonyms_are_readable_and_differ() -> None:
    names = {
        participants.enroll("rater", text=make_text(), persons=1, now=NOW)[0].pseudonym
        for _ in range(20)
    }
    assert len(names) == 20
    assert all(re.fullmatch(r"[a-z]{3,7}-[0-9a-f]{4}", name) for name in names)
