"""Points of suspicion, groups of equal scores, and places kept as keyed hashes."""

from datetime import timedelta

import numpy as np
import pytest
from django.test import Client

from ratings import studies, traces
from ratings.abuse import Signs, alike_groups, risk
from ratings.models import Session, Study, Trace
from tests.ratings.factories import NOW, campaign, rater, study
from tests.ratings.test_pages import agree

BLANK = np.nan


def test_an_honest_session_has_no_point() -> None:
    assert risk(Signs(scores=20, spare_seconds=6.0, lopsided=0.4)).points == 0


def test_no_single_weak_sign_excludes() -> None:
    weak = [
        Signs(scores=20, spare_seconds=0.4),
        Signs(scores=20, lopsided=1.0),
        Signs(same_address=40),
        Signs(same_place=9),
        Signs(places=5),
    ]
    assert [risk(signs).is_high for signs in weak] == [False] * 5
    assert all(risk(signs).points for signs in weak)


def test_signs_add_up_and_name_themselves() -> None:
    found = risk(Signs(scores=20, spare_seconds=0.4, lopsided=0.95))
    assert found.is_high and found.points == 60
    assert found.reasons == [
        "0.4 s to spare per recording",
        "95% of the scores are the same number",
    ]


def test_few_scores_say_nothing_about_speed() -> None:
    assert risk(Signs(scores=7, spare_seconds=0.1, lopsided=1.0)).points == 0


def test_three_raters_with_one_mind_are_a_group() -> None:
    rng = np.random.default_rng(3)
    values = rng.integers(1, 6, (8, 20)).astype(float)
    values[1] = values[2] = values[0]
    values[2, :3] = 6 - values[2, :3]
    assert alike_groups(values)[:3] == [3, 3, 3]
    assert max(alike_groups(values)[3:]) == 1


def test_seven_shared_items_make_no_group() -> None:
    values = np.full((3, 7), 4.0)
    assert alike_groups(values) == [1, 1, 1]
    apart = np.full((2, 20), BLANK)
    apart[0, :10] = apart[1, 10:] = 4.0
    assert alike_groups(apart) == [1, 1]


@pytest.mark.django_db
def test_a_place_is_kept_as_a_hash_of_this_study_only(client: Client) -> None:
    first, second = study(slug="one"), study(slug="two")
    browser = {"user-agent": "Listener/1.0"}
    for of in (first, second):
        address = agree(client, of)
        client.get(address, REMOTE_ADDR="192.0.2.7", headers=browser)
        client.get(address, REMOTE_ADDR="192.0.2.7", headers=browser)
    one, two = Trace.objects.order_by("pk")
    assert one.address != two.address and one.browser != two.browser
    assert "192.0.2.7" not in one.address and len(one.address) == 16


@pytest.mark.django_db
def test_one_household_is_one_place_in_ipv6() -> None:
    session = rater(study())
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
        traces.note(session, address=address, browser="x", now=NOW)
    assert session.traces.count() == 2


@pytest.mark.django_db
def test_nothing_is_kept_where_the_consent_does_not_say_so() -> None:
    session = rater(study())
    text = session.study.consent_text
    text.body = "We keep your scores."
    traces.note(session, address="192.0.2.7", browser="x", now=NOW)
    assert not Trace.objects.exists()


@pytest.mark.django_db
def test_places_are_forgotten_after_thirty_days() -> None:
    session = rater(study())
    traces.note(session, address="192.0.2.7", browser="x", now=NOW)
    assert traces.forget(now=NOW + timedelta(days=30)) == 0
    assert traces.forget(now=NOW + timedelta(days=31)) == 1


def test_behind_a_proxy_the_last_forwarded_address_counts(
    settings: pytest.FixtureRequest,
) -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 192.0.2.7"}
    settings.SECURE_PROXY_SSL_HEADER = None  # type: ignore[attr-defined]
    assert traces.address_of(meta) == "10.0.0.1"
    settings.SECURE_PROXY_SSL_HEADER = ("X", "https")  # type: ignore[attr-defined]
    assert traces.address_of(meta) == "192.0.2.7"


@pytest.mark.django_db
def test_the_text_raters_agree_to_tells_of_the_marks() -> None:
    of: Study = studies.create(campaign(), slug="told", title="Told", now=NOW)
    assert "two scrambled" in of.consent_text.body
    assert "for 30 days" in of.consent_text.body
    assert not Session.objects.exists()
