"""The planner and a study's page: for staff only, with decisions that count at once."""

import csv
import io
from urllib.parse import urlencode

import pytest
from django.test import Client

from people.models import User
from ratings import decisions, judging, progress, results
from ratings.models import Session, Study
from tests.ratings.factories import NOW, later, rate_next, rater, study

pytestmark = pytest.mark.django_db


def staff(client: Client) -> User:
    user = User.objects.create_superuser("staff@example.org", "x")
    client.force_login(user)
    return user


def rated() -> tuple[Study, Session]:
    of = study(mixtures=2, separators=2, items_per_session=4)
    for score in (2, 4, 5):
        session, now = rater(of), NOW
        for _ in range(4):
            now = rate_next(session, now=now, score=score)
    return of, session


@pytest.mark.parametrize(
    "path",
    ["/staff/plan/", "/staff/studies/overall/", "/staff/studies/overall/votes.csv"],
)
def test_staff_pages_are_not_there_for_others(client: Client, path: str) -> None:
    study()
    assert client.get(path).status_code == 404
    client.force_login(User.objects.create_user("someone@example.org", "x"))
    assert client.get(path).status_code == 404


def test_the_planner_answers_at_once_and_follows_the_form(client: Client) -> None:
    staff(client)
    page = client.get("/staff/plan/").content.decode()
    assert "needs 13 votes" in page and "460.80" in page
    fields = {"separators": 2, "mixtures": 10, "items_per_session": 10, "seconds": 6}
    fields |= {"controls_per_session": 3, "pay": 2, "fee": 1, "half_width": 1}
    asked = client.get("/staff/plan/?" + urlencode({**fields, "gap": "0.1"}))
    assert "add mixtures" in asked.content.decode()
    refused = client.get("/staff/plan/", {**fields, "mixtures": 0})
    assert refused.status_code == 422


def test_the_page_shows_progress_intervals_and_raters(client: Client) -> None:
    staff(client)
    of, session = rated()
    page = client.get(f"/staff/studies/{of.slug}/").content.decode()
    assert "of 20 rated items" in page and "4 items have 3" in page
    assert "alpha-net" in page and "beta-net" in page
    assert session.participant.pseudonym in page


def test_staff_exclude_with_a_reason_and_undo_on_the_page(client: Client) -> None:
    user = staff(client)
    of, session = rated()
    address = f"/staff/studies/{of.slug}/"
    wish = {"session": session.pk, "outcome": "exclude"}
    refused = client.post(address, wish)
    assert refused.status_code == 422
    assert "No reason was given; the rater may ask." in refused.content.decode()
    client.post(address, {**wish, "reason": "Plays music."})
    assert len(results.scores(of.campaign)) == 16
    last = decisions.data(session)
    assert last and (last.decided_by, last.reason) == (user, "Plays music.")
    assert "Plays music." in client.get(address).content.decode()
    client.post(address, {"undo": last.pk})
    assert len(results.scores(of.campaign)) == 24
    again = client.post(address, {"undo": last.pk}, follow=True)
    assert "undone before" in again.content.decode()


def test_a_session_of_another_study_is_not_decided_here(client: Client) -> None:
    staff(client)
    of, _ = rated()
    other = rater(study(slug="other"))
    wish = {"session": other.pk, "outcome": "exclude", "reason": "x"}
    assert client.post(f"/staff/studies/{of.slug}/", wish).status_code == 404


def test_the_report_counts_agrees_and_forecasts() -> None:
    of, _ = rated()
    found = progress.report(of, is_simulated=False, now=later(3600))
    assert (found.done, found.wanted, found.by_filled) == (12, 20, [(3, 4)])
    assert found.ends_at is not None
    left = (found.ends_at - later(3600)).total_seconds()
    assert left == pytest.approx(86400 * 8 / 12)
    assert found.alpha is not None and found.alpha < 0  # raters differ, items do not
    assert [one.mos.mean for one in found.separators] == pytest.approx([11 / 3] * 2)
    nobody = progress.report(of, is_simulated=True, now=later(3600))
    assert (nobody.done, nobody.separators, nobody.raters) == (0, [], [])
    assert nobody.ceiling is None


def test_votes_are_exported_with_whether_they_count(client: Client) -> None:
    staff(client)
    of, session = rated()
    judging.judge(of, now=later(60))
    decisions.decide(
        session, "exclude", reason="Music.", by=User.objects.get(), now=later(60)
    )
    answer = client.get(f"/staff/studies/{of.slug}/votes.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 24
    mine = [row for row in rows if row["rater"] == session.participant.pseudonym]
    assert {row["is_used"] for row in mine} == {"False"}
    assert {row["score"] for row in mine} == {"5"}
