"""Redeems work stamps: once each, and never twice by a race or a reload."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from marketplace.models import Redemption
from recordings import stamps
from recordings.models import Stamp


class StampRefused(Exception):
    """Why a stamp cannot be redeemed; the message is shown as it is."""


@dataclass(frozen=True)
class Paste:
    """What a worker pasted into an assignment."""

    worker: str
    assignment: str
    stamp: str


@dataclass(frozen=True)
class Outcome:
    paste: Paste
    is_redeemed: bool
    message: str


def redeem(code: str, *, worker: str, assignment: str, now: datetime) -> Redemption:
    """Redeem a stamp; the same worker and assignment again get the same row.

    Raises:
        StampRefused: if it is mistyped, unknown, spent elsewhere or withdrawn, or if
            the assignment already has another stamp.
    """
    known = _well_formed(code)
    try:
        return _redeem(known, worker=worker, assignment=assignment, now=now)
    except IntegrityError:  # the same assignment pasted two stamps at one moment
        return _redeem(known, worker=worker, assignment=assignment, now=now)


def _redeem(code: str, *, worker: str, assignment: str, now: datetime) -> Redemption:
    with transaction.atomic():
        # the lock makes the later of two simultaneous pastes see the earlier one's row
        stamp = _issued(Stamp.objects.select_for_update(), code)
        earlier = Redemption.objects.filter(stamp=stamp).first()
        if earlier is not None:
            return _same(earlier, worker=worker, assignment=assignment)
        _check_free(stamp, worker=worker, assignment=assignment)
        Stamp.objects.filter(pk=stamp.pk).update(state=Stamp.State.REDEEMED)
        return Redemption.objects.create(
            stamp=stamp, worker=worker, assignment=assignment, redeemed_at=now
        )


def redeem_all(
    pastes: Iterable[Paste], *, now: datetime, dry_run: bool = False
) -> list[Outcome]:
    """Redeem one after the other; a dry run answers the same and writes nothing."""
    if not dry_run:
        return [_outcome(paste, now=now) for paste in pastes]
    with transaction.atomic():
        outcomes = [_outcome(paste, now=now) for paste in pastes]
        transaction.set_rollback(True)
    return outcomes


def find(code: str) -> Stamp:
    """The stamp as it was issued, to look it up.

    Raises:
        StampRefused: if it is mistyped or was never issued.
    """
    shown = Stamp.objects.select_related("participant", "redemption")
    return _issued(shown, _well_formed(code))


def latest(number: int = 50) -> list[Stamp]:
    """The stamps issued last, with their redemptions."""
    issued = Stamp.objects.select_related("participant", "redemption")
    return list(issued.order_by("-issued_at", "-pk")[:number])


def _outcome(paste: Paste, *, now: datetime) -> Outcome:
    try:
        redemption = redeem(
            paste.stamp, worker=paste.worker, assignment=paste.assignment, now=now
        )
    except StampRefused as refusal:
        return Outcome(paste, False, str(refusal))
    if redemption.redeemed_at != now:
        return Outcome(paste, True, "was redeemed by this assignment before")
    return Outcome(paste, True, "redeemed")


def _well_formed(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    if len(plain) != stamps.LENGTH:
        plain = plain.removeprefix(stamps.PREFIX)
    if len(plain) != stamps.LENGTH:
        raise StampRefused(
            f"“{code.strip()[:40]}” has {len(plain)} letters and digits; a stamp has "
            f"{stamps.LENGTH} after {stamps.PREFIX}. Please copy the whole stamp from "
            "the page that showed it."
        )
    known = stamps.normalize(code)
    if not stamps.is_well_formed(known):
        raise StampRefused(
            f"The last character of {known} does not fit the others, as it does in "
            "every stamp. One was probably mistyped: please compare it with the page "
            "that showed it, or use the copy button there."
        )
    return known


def _issued(among: QuerySet[Stamp], code: str) -> Stamp:
    stamp = among.filter(code=code).first()
    if stamp is None:
        raise StampRefused(
            f"No stamp {code} was issued; one that this site had shown was expected. "
            "Please check that the work was done on this site, and compare the stamp "
            "with the page that showed it."
        )
    return stamp


def _same(earlier: Redemption, *, worker: str, assignment: str) -> Redemption:
    if (earlier.worker, earlier.assignment) == (worker, assignment):
        return earlier
    raise StampRefused(
        f"The stamp {earlier.stamp} was already used for another assignment; each "
        "stamp is good for one. This can happen without anybody's fault: our staff "
        "will look at it, and you need not do anything now."
    )


def _check_free(stamp: Stamp, *, worker: str, assignment: str) -> None:
    if stamp.state != Stamp.State.ISSUED:
        raise StampRefused(
            f"The stamp {stamp} is marked {stamp.state}; only an issued "
            "one can be redeemed. Please ask our staff about it."
        )
    mine = Redemption.objects.filter(worker=worker, assignment=assignment).first()
    if mine is not None:
        raise StampRefused(
            f"This assignment already has the stamp {mine.stamp}; one stamp was "
            "expected for each assignment. Please accept another assignment for "
            f"{stamp}; it stays good."
        )
