"""Work stamps: made once per piece of work, safe against typing, sealed by the site."""

import re

import pytest
from pytest_django import Settings

from recordings import stamps
from recordings.models import Stamp
from tests.recordings.factories import NOW, make_session

CODES = [stamps.make_code(f"take:{n}", 7919 * n**3 % 2**40) for n in range(12)]


@pytest.mark.django_db
def test_the_same_work_earns_one_stamp() -> None:
    pair = make_session().participant
    first = stamps.issue(pair, subject="take:1", now=NOW)
    assert stamps.issue(pair, subject="take:1", now=NOW) == first
    assert stamps.issue(pair, subject="take:2", now=NOW).code != first.code
    assert Stamp.objects.count() == 2
    assert stamps.is_well_formed(first.code)
    assert stamps.is_sealed_for(first.code, "take:1")


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_three_groups_without_doubtful_letters(code: str) -> None:
    group = "[0-9A-HJKMNP-TV-Z]{5}"
    assert re.fullmatch(rf"CT-{group}-{group}-{group}", code)


@pytest.mark.parametrize("code", CODES)
def test_every_single_wrong_character_shows(code: str) -> None:
    for at, right in enumerate(code):
        if at < len("CT-") or right == "-":
            continue
        for wrong in stamps.ALPHABET.replace(right, ""):
            mistyped = code[:at] + wrong + code[at + 1 :]
            assert not stamps.is_well_formed(mistyped), mistyped


@pytest.mark.parametrize("code", CODES)
def test_any_two_swapped_characters_show(code: str) -> None:
    plain = code.replace("-", "")[2:]
    for i in range(len(plain)):
        for j in range(i + 1, len(plain)):
            swapped = list(plain)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            changed = "".join(swapped) != plain
            assert stamps.is_well_formed("".join(swapped)) is not changed


@pytest.mark.parametrize(
    "typed",
    [
        "ct-7f2a9-k3m01-0xyzw",
        " CT 7F2A9 K3M01 0XYZW ",
        "7f2a9k3m010xyzw",
        "CT–7F2A9–K3MO1–OXYZW",
        "CT-7F2A9-K3M0I-0XYZW",
        "CT-7F2A9-K3M0L-OXYZW",
    ],
)
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    assert stamps.normalize(typed) == "CT-7F2A9-K3M01-0XYZW"


def test_a_code_that_begins_with_the_prefix_letters_keeps_them() -> None:
    assert stamps.normalize("CT7F2A9K3M010XY") == "CT-CT7F2-A9K3M-010XY"


@pytest.mark.parametrize(
    "typed", ["", "CT", "CT-7F2A9", "hello there", "CT-UUUUU-" * 3]
)
def test_what_is_no_code_is_not_well_formed(typed: str) -> None:
    assert not stamps.is_well_formed(typed)


def test_a_code_is_sealed_for_one_piece_of_work() -> None:
    code = stamps.make_code("take:1", 12345)
    assert stamps.is_sealed_for(code.lower(), "take:1")
    assert not stamps.is_sealed_for(code, "take:2")


def test_a_code_of_another_site_is_not_sealed(settings: Settings) -> None:
    settings.SECRET_KEY = "another site"
    foreign = stamps.make_code("take:1", 12345)
    settings.SECRET_KEY = "this site"
    assert stamps.is_well_formed(foreign)
    assert not stamps.is_sealed_for(foreign, "take:1")
