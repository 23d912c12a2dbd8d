"""The staff pages of runs: for staff only, saying what happened, changing little."""

from typing import cast

import pytest
from django.test import Client

from people.models import User
from separation import report, runs
from separation.models import Prediction, Run
from tests.separation.factories import NOW, estimator, halves, mixture, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("ann@example.org", is_staff=True))
    return client


def done() -> Run:
    estimator()
    shown = run()
    runs.execute(shown.pk, separate=halves, clock=lambda: NOW, worker="w1")
    return shown


def test_others_find_no_such_page(client: Client) -> None:
    shown = run(state="failed")
    client.force_login(User.objects.create_user("eve@example.org"))
    for address in ("/staff/runs/", f"/staff/runs/{shown.pk}/"):
        assert client.get(address).status_code == 404
    for verb in ("cancel", "retry"):
        assert client.post(f"/staff/runs/{shown.pk}/{verb}/").status_code == 404
    shown.refresh_from_db()
    assert shown.state == "failed"


def test_the_list_shows_state_attempt_worker_and_reason(staff: Client) -> None:
    run(state="failed", attempt=3, worker="gpu-1:77", failure="The disk is full.")
    page = staff.get("/staff/runs/").content.decode()
    for shown in ("mixture-1", "3 of 3", "gpu-1:77", "The disk is full.", "Try again"):
        assert shown in page


def test_the_list_can_be_narrowed_to_a_state(staff: Client) -> None:
    run(1)
    run(2, state="failed")
    page = staff.get("/staff/runs/?state=failed").content.decode()
    assert "mixture-2" in page
    assert "mixture-1" not in page
    assert staff.get("/staff/runs/?state=nonsense").context["page"].paginator.count == 2


def test_an_empty_list_says_how_to_go_on(staff: Client) -> None:
    assert "./manage.py worker" in staff.get("/staff/runs/").content.decode()


def test_the_list_is_cut_into_pages(staff: Client) -> None:
    one = mixture()
    for number in range(51):
        run(number, mixture=one)
    assert len(staff.get("/staff/runs/").context["page"]) == 50
    assert len(staff.get("/staff/runs/?page=2").context["page"]) == 1


def test_the_list_costs_the_same_for_one_run_and_for_many(
    staff: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(10):
        run(number)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        staff.get("/staff/runs/")


def test_a_run_shows_its_scores_and_where_they_came_from(staff: Client) -> None:
    page = staff.get(f"/staff/runs/{done().pk}/").content.decode()
    for shown in ("3.0 ± 1.0 dB", "in domain", "<polyline", "default e1", "w1"):
        assert shown in page
    assert "0.25 s" in page
    assert page.count("<audio") == 3


def test_a_run_without_output_says_so(staff: Client) -> None:
    shown = done()
    shown.estimates.update(is_silent=True)
    assert "no output" in staff.get(f"/staff/runs/{shown.pk}/").content.decode()


def test_a_measured_score_is_shown_beside_the_predicted(staff: Client) -> None:
    shown = done()
    shown.estimates.update(
        measured_si_snr_db=12.34, mixture_si_snr_db=0.14, reference_source=2
    )
    page = staff.get(f"/staff/runs/{shown.pk}/").content.decode()
    assert "12.3 dB" in page
    assert "against reference 2, 12.2 dB above the mixture" in page


def test_cancel_and_try_again_are_buttons_that_work(staff: Client) -> None:
    shown = run()
    staff.post(f"/staff/runs/{shown.pk}/cancel/")
    shown.refresh_from_db()
    assert shown.state == "cancelled"
    page = staff.post(f"/staff/runs/{shown.pk}/retry/", follow=True).content.decode()
    assert "The run is in the queue again." in page
    shown.refresh_from_db()
    assert shown.state == "queued"


def test_a_change_that_does_not_fit_is_refused_with_its_reason(staff: Client) -> None:
    page = staff.post(f"/staff/runs/{done().pk}/retry/", follow=True).content.decode()
    assert "Only a failed or cancelled run can be tried again" in page


def test_the_curve_stays_within_the_range_of_its_estimator() -> None:
    prediction = cast(
        Prediction,
        Prediction.objects.filter(estimate__run=done())
        .select_related("estimator")
        .first(),
    )
    prediction.curve_db = [-50.0, 10.0, 99.0]
    drawn = report.curve(prediction)
    assert drawn is not None
    assert drawn.points == "0,120 200,60 400,0"
    assert drawn.seconds == 1.5
