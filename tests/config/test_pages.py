"""The frame of every page, the front page, the refusals, and the account pages."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template import engines
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from people.models import User

TEMPLATES = Path(settings.ROOT) / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
FIGURES = {"mixtures": 24, "separators": 3, "runs_done": 72, "ratings": 720}
REFUSALS = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html"]
ACCOUNT = ["login/", "signup/", "password/reset/", "password/reset/done/"]


def request(path: str = "/", theme: str = "") -> HttpRequest:
    made = RequestFactory().get(path)
    made.user = AnonymousUser()
    if theme:
        made.COOKIES["theme"] = theme
    return made


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_nothing_inline_that_the_csp_refuses(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_page_stands_in_the_frame_or_is_a_part(page: Path) -> None:
    inside = page.relative_to(TEMPLATES)
    alone = str(inside) in {"base.html", "500.html"}
    part = inside.name.startswith("_") or "elements" in inside.parts
    extends = page.read_text().lstrip().startswith("{% extends ")
    assert extends != (alone or part)


@pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_every_template_compiles(page: Path) -> None:
    engines["django"].get_template(str(page.relative_to(TEMPLATES)))


@pytest.mark.django_db
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_shows_one_way_on(name: str) -> None:
    html = render_to_string(name, request=request())
    assert html.count("<h1>") == 1
    assert len(re.findall(r'<a class="button" href="/', html)) == 1


def test_a_refusal_needs_no_request() -> None:
    assert "The request was not understood" in render_to_string("400.html")


def test_the_500_page_needs_no_database_and_no_settings() -> None:
    html = render_to_string("500.html")
    assert "Something broke on our side" in html
    assert "{%" not in (TEMPLATES / "500.html").read_text().replace(
        '{% include "_mark.html" %}', ""
    )


@pytest.mark.django_db
def test_a_missing_page_answers_404_in_our_words(client: Client) -> None:
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert "Nothing lives at this address" in answer.text


@pytest.mark.django_db
def test_an_empty_site_says_so_and_invites(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No recordings yet" in answer.text
    assert "Simulated ratings" not in answer.text


@pytest.mark.django_db
def test_the_front_page_labels_simulated_ratings() -> None:
    simulated = {**FIGURES, "simulated_ratings": 700}
    html = render_to_string("home.html", simulated, request())
    assert "listener scores, 700 of them simulated" in html
    assert "Simulated ratings." in html
    assert "Simulated ratings." not in render_to_string("home.html", FIGURES, request())


@pytest.mark.django_db
def test_a_separator_without_ratings_shows_a_dash_not_a_zero() -> None:
    best = [{"name": "conv-tasnet", "predicted": 6.25, "mos": None}]
    html = render_to_string("home.html", {**FIGURES, "best": best}, request())
    numbers = re.findall(r'<td class="num">(.*?)</td>', html)
    assert numbers == ["6.2", "–"] or numbers == ["6.3", "–"]


def test_demo_data_is_said_on_every_page() -> None:
    assert "This site shows demo data" in render_to_string(
        "_footer.html", {"demo_data": True}
    )
    assert "demo data" not in render_to_string("_footer.html", {"demo_data": False})


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_chosen_theme_is_in_the_first_byte(theme: str) -> None:
    html = render_to_string("404.html", request=request(theme=theme))
    assert f'data-theme="{theme}"' in html


@pytest.mark.django_db
def test_a_made_up_theme_is_left_out() -> None:
    html = render_to_string("404.html", request=request(theme='"><script>'))
    assert "data-theme=" not in html.replace("data-theme-toggle", "")


@pytest.mark.django_db
def test_the_navigation_says_where_one_is() -> None:
    html = render_to_string("404.html", request=request("/separators/identity/"))
    assert re.findall(r'<a href="(\S+)" aria-current', html) == ["/leaderboard/"]


@pytest.mark.django_db
def test_only_staff_see_the_staff_links(client: Client) -> None:
    assert "/admin/" not in client.get("/").text
    client.force_login(User.objects.create_user(email="a@example.org", password="x"))
    assert "/admin/" not in client.get("/").text
    staff = User.objects.create_superuser(email="b@example.org", password="x")
    client.force_login(staff)
    page = client.get("/").text
    assert 'href="/admin/"' in page
    assert "Sign out" in page


class Seconds(forms.Form):
    seconds = forms.IntegerField(min_value=3, help_text="Between 3 and 20.")
    note = forms.CharField(required=False)
    agreed = forms.BooleanField(label="We agree")


def test_a_field_is_tied_to_its_label_help_and_refusal() -> None:
    html = render_to_string("_form.html", {"form": Seconds({"seconds": "1"})})
    assert '<label for="id_seconds">Seconds</label>' in html
    assert 'aria-describedby="id_seconds_helptext id_seconds_error"' in html
    assert 'id="id_seconds_helptext">Between 3 and 20.' in html
    assert 'id="id_seconds_error"' in html
    assert '<label for="id_note">Note <span class="optional">(optional)' in html
    assert '<label for="id_agreed">We agree</label>' in html


def test_the_chosen_score_stays_chosen() -> None:
    html = render_to_string(
        "_scores.html", {"name": "s", "legend": "Voice 1", "score": 4}
    )
    assert re.findall(r'value="(\d)"[^>]* checked', html) == ["4"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ACCOUNT)
def test_account_pages_stand_in_the_frame(client: Client, path: str) -> None:
    answer = client.get(f"/accounts/{path}")
    assert answer.status_code == 200
    assert 'class="skip"' in answer.text
    assert answer.text.count("<h1") == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["password/reset/key/1-none/", "confirm-email/none/"])
def test_a_link_used_up_is_told_without_blame(client: Client, path: str) -> None:
    page = client.get(f"/accounts/{path}").text
    assert "This link no longer works" in page
    assert "Send me a new link" in page


@pytest.mark.django_db
def test_a_wrong_password_is_refused_with_a_notice(client: Client) -> None:
    wrong = {"login": "a@example.org", "password": "not-this"}
    answer = client.post("/accounts/login/", wrong)
    assert 'class="notice" data-kind="error" role="alert"' in answer.text


@pytest.mark.django_db
def test_the_style_guide_is_for_staff(client: Client) -> None:
    assert client.get("/styleguide/").status_code == 404
    staff = User.objects.create_superuser(email="b@example.org", password="x")
    client.force_login(staff)
    assert client.get("/styleguide/").status_code == 200
