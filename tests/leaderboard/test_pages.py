"""The pages of the leaderboard: guards, states, and numbers that arrive."""

import csv
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from separation.models import Prediction
from tests.leaderboard import rows

pytestmark = pytest.mark.django_db


def get(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_an_empty_site_invites_to_record(client: Client) -> None:
    page = get(client, "/leaderboard/")
    assert "No recordings yet" in page and 'href="/record/"' in page


def test_the_only_campaign_is_shown_at_once(client: Client) -> None:
    rows.make_board()
    response = client.get("/leaderboard/")
    assert (response.status_code, response["Location"]) == (
        302,
        "/leaderboard/kitchen/",
    )


def test_several_campaigns_are_listed(client: Client) -> None:
    for slug in ("kitchen", "office"):
        rows.make_mixture(rows.make_campaign(slug), f"{slug}-1")
    rows.make_campaign("empty")
    page = get(client, "/leaderboard/")
    assert "/leaderboard/kitchen/" in page and "/leaderboard/office/" in page
    assert "/leaderboard/empty/" not in page


def test_the_page_shows_standings_agreement_and_picture(client: Client) -> None:
    rows.make_board()
    page = get(client, "/leaderboard/kitchen/")
    assert page.index("Separator 0") < page.index("Separator 1")
    assert "11.5" in page and "7.5" in page  # means over mixtures
    assert page.count('class="mark series-') == 20
    assert "There are rated estimates of 2 separators" in page
    assert "1000 resamples of whole mixtures, seed 2022" in page
    assert 'style="' not in page and "<style" not in page


def test_campaigns_without_runs_or_ratings_say_so(client: Client) -> None:
    rows.make_mixture(rows.make_campaign())
    rows.make_separator()
    page = get(client, "/leaderboard/kitchen/")
    assert "No separations yet" in page and "1 mixture waits" in page
    assert "No ratings yet" in page and "<table" not in page


@pytest.mark.parametrize("is_simulated", [True, False])
def test_simulated_ratings_are_labeled_wherever_they_show(
    client: Client, is_simulated: bool
) -> None:
    rows.make_board(is_simulated=is_simulated)
    for path in ("/leaderboard/kitchen/", "/separators/separator-0/"):
        page = get(client, path)
        assert ("Simulated ratings." in page) is is_simulated
        assert ('data-state="simulated"' in page) is is_simulated


def test_sort_links_turn_the_order_round(client: Client) -> None:
    rows.make_board()
    best_first = get(client, "/leaderboard/kitchen/?sort=predicted")
    worst_first = get(client, "/leaderboard/kitchen/?sort=-predicted")
    assert 'aria-sort="descending"><a href="?sort=-predicted"' in best_first
    assert 'aria-sort="ascending"><a href="?sort=predicted"' in worst_first
    first, second = "/separators/separator-0/", "/separators/separator-1/"
    assert best_first.index(first) < best_first.index(second)
    assert worst_first.index(first) > worst_first.index(second)


def test_sorting_by_speed_puts_the_smallest_first(client: Client) -> None:
    rows.make_board()
    assert 'aria-sort="ascending"><a href="?sort=-speed"' in get(
        client, "/leaderboard/kitchen/?sort=speed"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/leaderboard/nowhere/",
        "/leaderboard/nowhere.csv",
        "/leaderboard/nowhere.json",
        "/leaderboard/kitchen/?sort=shoe-size",
        "/separators/nobody/",
    ],
)
def test_what_does_not_exist_is_404(client: Client, path: str) -> None:
    rows.make_campaign()
    get(client, path, status=404)


def test_csv_has_a_line_per_separator_and_blanks_for_blanks(client: Client) -> None:
    rows.make_board()
    rows.make_separator("absent")
    response = client.get("/leaderboard/kitchen.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [line["separator"] for line in lines] == [
        "separator-0",
        "separator-1",
        "absent",
    ]
    assert float(lines[0]["predicted_si_snr_db"]) == pytest.approx(11.5)
    assert lines[0]["rank_by_predicted"] == "1" and lines[0]["ratings"] == "20"
    absent = lines[2]
    blanks = ("rank_by_predicted", "predicted_si_snr_db", "measured_si_snr_db", "mos")
    assert [absent[name] for name in blanks] == [""] * 4


def test_json_holds_what_the_figures_were_computed_from(client: Client) -> None:
    rows.make_board(is_simulated=True)
    found = client.get("/leaderboard/kitchen.json").json()
    assert found["estimator"]["name"] == "blind"
    assert found["no_output_floor_db"] == -30
    assert (found["ratings"], found["simulated_ratings"]) == (40, 40)
    assert len(found["rated_estimates"]) == 20
    assert found["agreement"]["seed"] == 2022
    assert found["agreement"]["system"]["pearson"]["value"] is None


def test_a_separator_page_tells_what_it_is_and_how_it_did(client: Client) -> None:
    rows.make_board()
    page = get(client, "/separators/separator-1/")
    for told in (
        "Conv-TasNet",
        "5.1\u00a0M",
        "Mixtures of read speech",
        "Apache-2.0",
        "Luo and Mesgarani",
        "2 of 2",
        "7.5",
    ):
        assert told in page


def test_only_synthetic_mixtures_of_demo_campaigns_are_played(client: Client) -> None:
    separator, estimator = rows.make_separator(), rows.make_estimator()
    demo, other = rows.make_campaign("demo", is_demo=True), rows.make_campaign("real")
    for campaign, slug, kind in (
        (demo, "may-play", "synthetic"),
        (demo, "recorded", "real"),
        (other, "semi-real", "synthetic"),
    ):
        mixture = rows.make_mixture(campaign, slug, kind=kind)
        rows.make_scored_run(mixture, separator, estimator, (1.0, 2.0))
    page = get(client, "/separators/conv-tasnet/")
    assert "<h3>may-play</h3>" in page
    assert page.count("<audio") == 3
    assert "recorded" not in page and "semi-real" not in page


def test_examples_can_be_played_at_their_address(client: Client) -> None:
    separator, estimator = rows.make_separator(), rows.make_estimator()
    name = f"mixtures/ab/{rows.digest('sound')}.flac"
    default_storage.save(name, ContentFile(b"fLaC sound"))
    mixture = rows.make_mixture(rows.make_campaign(is_demo=True), audio=name)
    rows.make_scored_run(mixture, separator, estimator, (1.0, 2.0))
    page = get(client, "/separators/conv-tasnet/")
    address = page.split('<audio controls preload="none" src="')[1].split('"')[0]
    played = client.get(address)
    assert (played.status_code, b"".join(played)) == (200, b"fLaC sound")


def test_a_page_asks_the_database_little(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows.make_board(separators=6)
    with django_assert_max_num_queries(12):
        get(client, "/leaderboard/kitchen/")


def test_agreement_is_resampled_again_only_for_other_points(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.make_board()
    first = client.get("/leaderboard/kitchen.json").json()["agreement"]
    with monkeypatch.context() as patch:
        patch.setattr("leaderboard.bootstrap.resample", None)  # would be called
        assert client.get("/leaderboard/kitchen.json").json()["agreement"] == first
    Prediction.objects.filter(predicted_si_snr_db__gt=12).update(predicted_si_snr_db=0)
    assert client.get("/leaderboard/kitchen.json").json()["agreement"] != first
