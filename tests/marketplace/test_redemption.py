"""A stamp is redeemed once; every refusal says what to do and blames nobody."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from marketplace import redemption
from marketplace.models import Redemption
from marketplace.redemption import Paste, StampRefused, redeem
from people.models import Participant
from recordings import stamps
from recordings.models import Stamp

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def make_stamp(number: int = 1, state: str = "issued") -> Stamp:
    participant, _ = Participant.objects.get_or_create(
        pseudonym="quiet-fox",
        defaults={"role": "contributor", "link_sha256": "a" * 64, "created_at": NOW},
    )
    stamp = stamps.issue(participant, subject=f"take:{number}", now=NOW)
    Stamp.objects.filter(pk=stamp.pk).update(state=state)
    return stamp


def spend(code: str, *, worker: str = "W1", assignment: str = "A1") -> Redemption:
    return redeem(code, worker=worker, assignment=assignment, now=NOW)


def refusal(code: str, *, worker: str = "W1", assignment: str = "A1") -> str:
    with pytest.raises(StampRefused) as refused:
        spend(code, worker=worker, assignment=assignment)
    return str(refused.value)


def mistyped(code: str) -> str:
    at = len(code) - 3
    return code[:at] + ("2" if code[at] != "2" else "3") + code[at + 1 :]


def test_an_issued_stamp_is_redeemed() -> None:
    stamp = make_stamp()
    done = spend(stamp.code)
    stamp.refresh_from_db()
    assert stamp.state == Stamp.State.REDEEMED
    assert (done.stamp, done.worker, done.assignment) == (stamp, "W1", "A1")
    assert done.redeemed_at == NOW


def test_case_blanks_dashes_and_missing_prefix_do_not_matter() -> None:
    stamp = make_stamp()
    typed = stamp.code.removeprefix("CT-").lower().replace("-", " ").replace("0", "o")
    assert spend(f"  {typed}\n").stamp == stamp


@pytest.mark.parametrize("state", ["redeemed", "paid"])
def test_the_same_paste_again_is_the_same_redemption(state: str) -> None:
    stamp = make_stamp()
    first = spend(stamp.code)
    Stamp.objects.filter(pk=stamp.pk).update(state=state)
    again = redeem(stamp.code, worker="W1", assignment="A1", now=LATER)
    stamp.refresh_from_db()
    assert again == first and again.redeemed_at == NOW
    assert stamp.state == state
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(("worker", "assignment"), [("W2", "A2"), ("W1", "A2")])
def test_a_spent_stamp_is_refused_without_blame(worker: str, assignment: str) -> None:
    stamp = make_stamp()
    spend(stamp.code)
    assert refusal(stamp.code, worker=worker, assignment=assignment) == (
        f"The stamp {stamp.code} was already used for another assignment; each stamp "
        "is good for one. This can happen without anybody's fault: our staff will "
        "look at it, and you need not do anything now."
    )
    assert Redemption.objects.get().worker == "W1"


def test_a_stamp_that_was_never_issued_is_refused() -> None:
    code = stamps.make_code("take:9", 12345)
    assert refusal(code) == (
        f"No stamp {code} was issued; one that this site had shown was expected. "
        "Please check that the work was done on this site, and compare the stamp with "
        "the page that showed it."
    )


def test_a_mistyped_character_is_told_from_an_unknown_stamp() -> None:
    code = mistyped(make_stamp().code)
    assert refusal(code) == (
        f"The last character of {code} does not fit the others, as it does in every "
        "stamp. One was probably mistyped: please compare it with the page that "
        "showed it, or use the copy button there."
    )


@pytest.mark.parametrize(
    ("text", "found"), [("", 0), ("CT-12345", 5), ("thank you for the survey", 20)]
)
def test_text_of_another_length_is_refused(text: str, found: int) -> None:
    assert refusal(text) == (
        f"“{text}” has {found} letters and digits; a stamp has 15 after CT. Please "
        "copy the whole stamp from the page that showed it."
    )


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_stamp_out_of_use_is_refused(state: str) -> None:
    stamp = make_stamp(state=state)
    assert refusal(stamp.code) == (
        f"The stamp {stamp.code} is marked {state}; only an issued one can be "
        "redeemed. Please ask our staff about it."
    )


def test_an_assignment_takes_one_stamp() -> None:
    first, second = make_stamp(1), make_stamp(2)
    spend(first.code)
    assert refusal(second.code) == (
        f"This assignment already has the stamp {first.code}; one stamp was expected "
        f"for each assignment. Please accept another assignment for {second.code}; it "
        "stays good."
    )
    second.refresh_from_db()
    assert second.state == Stamp.State.ISSUED


def test_two_stamps_pasted_at_one_moment_are_judged_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The database refuses the second row; the second look says why."""
    first, second = make_stamp(1), make_stamp(2)
    spend(first.code)
    check, calls = redemption._check_free, iter([lambda *a, **k: None])
    monkeypatch.setattr(
        redemption, "_check_free", lambda *a, **k: next(calls, check)(*a, **k)
    )
    assert "already has the stamp" in refusal(second.code)
    second.refresh_from_db()
    assert second.state == Stamp.State.ISSUED


def test_the_database_keeps_one_redemption_per_stamp() -> None:
    done = spend(make_stamp().code)
    with pytest.raises(IntegrityError):
        Redemption.objects.create(
            stamp=done.stamp, worker="W2", assignment="A2", redeemed_at=NOW
        )


def test_refusals_use_no_harsh_words() -> None:
    stamp = make_stamp()
    spend(stamp.code)
    out_of_use = make_stamp(2, "refused").code
    codes = (stamp.code, mistyped(stamp.code), "x", out_of_use)
    told = [refusal(code, worker="W2") for code in codes]
    for message in told:
        assert not re.search("invalid|error|failed|sorry|fraud|cheat", message, re.I)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_dry_run_answers_the_same_and_writes_nothing(dry_run: bool) -> None:
    one, two = make_stamp(1), make_stamp(2)
    pastes = [
        Paste("W1", "A1", one.code),
        Paste("W2", "A2", one.code),
        Paste("W3", "A3", two.code),
        Paste("W3", "A3", two.code),
    ]
    outcomes = redemption.redeem_all(pastes, now=NOW, dry_run=dry_run)
    assert [outcome.is_redeemed for outcome in outcomes] == [True, False, True, True]
    assert Redemption.objects.count() == (0 if dry_run else 2)
    one.refresh_from_db()
    assert one.state == ("issued" if dry_run else "redeemed")
