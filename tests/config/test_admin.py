"""The admin: every page that staff may open opens."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from people.models import User

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("staff@example.org", "x"))
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_lists_and_forms_of_the_admin_open(staff: Client, model: type[Model]) -> None:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert staff.get(reverse(f"{name}_changelist")).status_code == 200
    may_add = admin.site._registry[model].has_add_permission
    answer = staff.get(reverse(f"{name}_add"))
    assert answer.status_code == (200 if may_add(answer.wsgi_request) else 403)


def test_the_admin_says_whose_it_is(staff: Client) -> None:
    page = staff.get(reverse("admin:index")).text
    assert "Crosstalk" in page
    assert "Studies" in page
    assert "Django administration" not in page


def test_a_page_without_an_icon_of_its_own_gets_ours(client: Client) -> None:
    answer = client.get("/favicon.ico", follow=False)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/site/favicon")
