"""What belongs to a study, when it takes ratings, and how staff steer it."""

import pytest
from django.test import Client

from people.models import User
from ratings import studies
from ratings.models import Item, Study
from separation.models import Run
from tests.ratings.factories import (
    NOW,
    campaign,
    done_run,
    mixture,
    rate_next,
    rater,
    study,
)

pytestmark = pytest.mark.django_db


def test_each_finished_run_of_the_campaign_becomes_one_item() -> None:
    of = study(mixtures=2, separators=2)
    elsewhere = done_run(mixture(campaign("elsewhere"), 1))
    assert studies.fill(of) == 0  # again: nothing new
    assert of.items.count() == 4
    assert not of.items.filter(run=elsewhere).exists()


def test_unfinished_and_silent_runs_are_left_out() -> None:
    of = study(mixtures=0)
    heard = mixture(of.campaign, 1)
    done_run(heard, "alpha-net", is_silent=True)
    Run.objects.filter(pk=done_run(heard, "beta-net").pk).update(state="running")
    kept = done_run(heard, "gamma-net")
    assert studies.fill(of) == 1
    assert Item.objects.get().run == kept


def test_only_the_latest_run_of_a_separator_on_a_mixture_is_rated() -> None:
    of = study(mixtures=0)
    heard = mixture(of.campaign, 1)
    done_run(heard, revision="1")
    newer = done_run(heard, revision="2")
    studies.fill(of)
    assert Item.objects.get().run == newer


def test_runs_finished_later_join_when_the_next_rater_comes() -> None:
    of = study(mixtures=1, separators=1)
    done_run(mixture(of.campaign, 2))
    rater(of)
    assert of.items.count() == 2


def test_a_closed_study_stays_closed() -> None:
    of = study()
    studies.close(of)
    with pytest.raises(studies.StudyClosed, match="closed for good; create a new one"):
        studies.open_(of)


def test_only_an_open_study_can_be_paused() -> None:
    of = studies.create(campaign(), slug="draft", title="Draft", now=NOW)
    with pytest.raises(studies.StudyClosed, match="is draft; only an open one can"):
        studies.pause(of)


def test_staff_create_and_open_a_study(client: Client) -> None:
    client.force_login(User.objects.create_superuser("staff@example.org", "x"))
    of = campaign()
    done_run(mixture(of, 1))
    fields = {"slug": "first", "title": "First", "description": "", "campaign": of.pk}
    numbers = {"ratings_per_estimate": 5, "items_per_session": 10, "scale": "overall"}
    numbers |= {"most_ratings_per_estimate": 0, "target_half_width": 0.5}
    numbers |= {"controls_per_session": 2, "repeats_per_session": 1}
    made = client.post("/admin/ratings/study/add/", {**fields, **numbers})
    assert made.status_code == 302
    first = Study.objects.get()
    assert first.state == "draft" and "publish" in first.consent_text.body
    chosen = {"action": "open_and_fill", "_selected_action": [first.pk]}
    client.post("/admin/ratings/study/", chosen)
    first.refresh_from_db()
    assert first.state == "open" and first.items.count() == 1


def test_a_study_with_a_vote_is_not_edited(client: Client) -> None:
    of = study()
    studies.edit(of, title="Still a plan", ratings_per_estimate=7)
    rate_next(rater(of), now=NOW)
    with pytest.raises(studies.StudyLocked, match="Still a plan has votes; changing"):
        studies.edit(of, ratings_per_estimate=9)
    of.refresh_from_db()
    assert of.ratings_per_estimate == 7
    client.force_login(User.objects.create_superuser("staff@example.org", "x"))
    address = f"/admin/ratings/study/{of.pk}/change/"
    assert client.post(address, {"title": "Other"}).status_code == 403
    studies.pause(of)  # its state may still change
    assert client.get(address).status_code == 200


def test_staff_read_items_and_sessions_and_cannot_change_them(client: Client) -> None:
    client.force_login(User.objects.create_superuser("staff@example.org", "x"))
    rater(study())
    for name in ("item", "session", "control", "decision"):
        assert client.get(f"/admin/ratings/{name}/").status_code == 200
        assert client.get(f"/admin/ratings/{name}/add/").status_code == 403
