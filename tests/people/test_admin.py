"""Staff sign in by e-mail and see people only by pseudonym."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from people import consent, participants
from people.models import User

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ann@example.org", "long enough"))
    return client


@pytest.mark.parametrize("model", ["user", "consenttext", "participant"])
def test_staff_see_the_lists(staff: Client, model: str) -> None:
    assert staff.get(reverse(f"admin:people_{model}_changelist")).status_code == 200


def test_staff_add_an_account_by_its_address(staff: Client) -> None:
    fields = {
        "email": "Ben@Example.org",
        "password1": "f8d-Wq2z",
        "password2": "f8d-Wq2z",
    }
    page = staff.post(
        reverse("admin:people_user_add"), fields | {"usable_password": "true"}
    )
    assert page.status_code == 302, page.content.decode()
    ben = User.objects.get(email__iexact="ben@example.org")
    assert ben.check_password("f8d-Wq2z")
    assert (
        staff.get(reverse("admin:people_user_change", args=[ben.pk])).status_code == 200
    )


def test_nobody_writes_participants_or_consent_by_hand(staff: Client) -> None:
    text = consent.current("record", body="Yes.", now=NOW)
    pair, _ = participants.enroll("contributor", text=text, persons=2, now=NOW)
    for model in ("participant", "consenttext"):
        assert staff.get(reverse(f"admin:people_{model}_add")).status_code == 403
    page = staff.get(reverse("admin:people_participant_change", args=[pair.pk]))
    assert pair.pseudonym in page.content.decode()
    assert pair.link_sha256 not in page.content.decode()
