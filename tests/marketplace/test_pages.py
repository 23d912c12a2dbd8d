"""The staff page of stamps, and who may see it."""

import pytest
from django.test import Client

from marketplace.models import Redemption
from people.models import User
from tests.marketplace.test_redemption import make_stamp, mistyped

pytestmark = pytest.mark.django_db
PAGE = "/staff/stamps/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_user("staff@example.org", is_staff=True))
    return client


def paste(client: Client, code: str, **fields: str) -> tuple[int, str]:
    given = {"stamp": code, "worker": "W1", "assignment": "A1"} | fields
    response = client.post(
        PAGE, {f"redeem-{name}": text for name, text in given.items()}, follow=True
    )
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_and_researchers_find_nothing(client: Client, method: str) -> None:
    assert getattr(client, method)(PAGE).status_code == 404
    client.force_login(User.objects.create_user("researcher@example.org"))
    assert getattr(client, method)(PAGE).status_code == 404


def test_the_page_lists_the_latest_stamps_with_their_state(staff: Client) -> None:
    codes = [make_stamp(number).code for number in (1, 2)]
    page = staff.get(PAGE).content.decode()
    assert page.index(codes[1]) < page.index(codes[0])
    assert "quiet-fox" in page and "issued" in page


def test_without_stamps_the_page_says_where_they_come_from(staff: Client) -> None:
    assert "No stamps yet" in staff.get(PAGE).content.decode()


def test_a_stamp_is_looked_up_however_it_was_typed(staff: Client) -> None:
    stamp = make_stamp()
    page = staff.get(PAGE, {"stamp": stamp.code.lower()}).content.decode()
    assert "<dd><code>" + stamp.code in page and "take:1" in page
    assert f'value="{stamp.code}"' in page  # ready to be redeemed


def test_a_mistyped_stamp_is_explained_when_looked_up(staff: Client) -> None:
    page = staff.get(PAGE, {"stamp": mistyped(make_stamp().code)}).content.decode()
    assert "does not fit the others" in page


def test_staff_redeem_a_stamp(staff: Client) -> None:
    stamp = make_stamp()
    status, page = paste(staff, stamp.code)
    assert status == 200 and f"{stamp.code} is redeemed for W1." in page
    assert Redemption.objects.get().assignment == "A1"


def test_a_refusal_is_shown_at_the_field(staff: Client) -> None:
    stamp = make_stamp()
    paste(staff, stamp.code)
    status, page = paste(staff, stamp.code, worker="W2", assignment="A2")
    assert status == 422
    assert "was already used for another assignment" in page
    assert 'value="W2"' in page


def test_worker_and_assignment_are_needed(staff: Client) -> None:
    status, page = paste(staff, make_stamp().code, worker="")
    assert status == 422 and "This field is required" in page
    assert not Redemption.objects.exists()
