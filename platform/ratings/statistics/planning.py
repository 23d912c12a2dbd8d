"""What a study will show and cost, before money is spent."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from math import ceil, hypot, sqrt

from scipy import stats

UPPER, POWER = 0.975, 0.80
MOST_VOTES = 400  # per item; more is another question
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Spread:
    """Standard deviations of scores in points, from a pilot or as usual.

    `items` is of mixtures under one separator; `share_of_mixtures` says how much of
    its variance all separators share (an easy mixture is easy for all).
    """

    raters: float = 0.4
    items: float = 0.6
    rest: float = 0.7
    share_of_mixtures: float = 0.5

    @property
    def of_one_item(self) -> float:
        """Between the scores that one item gets from several raters."""
        return hypot(self.raters, self.rest)


@dataclass(frozen=True)
class Design:
    """A study as it would be run; one item is one separator on one mixture."""

    separators: int
    mixtures: int
    votes: int = 8
    items_per_session: int = 10
    controls_per_session: int = 3
    seconds: float = 6.0  # of one mixture
    sources: int = 2
    pay: Decimal = Decimal("2.00")  # per session
    fee: Decimal = Decimal("0.20")  # of the marketplace, as a share of the pay

    def __post_init__(self) -> None:
        for name in ("separators", "mixtures", "votes", "items_per_session"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; a study needs at least 1"
                )


@dataclass(frozen=True)
class Plan:
    """Expected half widths in points, the gap that will show, and what it takes."""

    votes: int
    item_half_width: float | None
    separator_half_width: float | None
    gap: float | None
    scores: int
    sessions: int
    minutes_per_session: float
    hours: float
    pay: Decimal
    cost: Decimal
    pay_per_hour: Decimal


VOTES_TRIED = (3, 5, 8, 12, 16, 24)
PAUSE_SECONDS = 8.0  # to think and click, per item
WAY_IN_MINUTES = 4.0  # consent, checks and practice


def plan(design: Design, spread: Spread = Spread()) -> Plan:  # noqa: B008  frozen
    """What `design` will show at this spread of scores, and its cost.

    `gap` is the difference in MOS of two separators on the same mixtures that is
    found with 80 % power at the 5 % level.
    """
    items = design.separators * design.mixtures
    sessions = ceil(items * design.votes / design.items_per_session)
    heard = design.items_per_session + design.controls_per_session
    per_item = (1 + design.sources) * design.seconds + PAUSE_SECONDS
    minutes = WAY_IN_MINUTES + heard * per_item / 60
    pay = sessions * design.pay
    return Plan(
        votes=design.votes,
        item_half_width=half_width(design.votes, spread.of_one_item),
        separator_half_width=_of_separator(design, spread, sessions),
        gap=detectable_gap(design, spread),
        scores=items * design.votes * design.sources,
        sessions=sessions,
        minutes_per_session=minutes,
        hours=sessions * minutes / 60,
        pay=pay,
        cost=(pay * (1 + design.fee)).quantize(CENT, ROUND_UP),
        pay_per_hour=(design.pay * 60 / Decimal(minutes)).quantize(CENT),
    )


def half_width(votes: int, deviation: float) -> float | None:
    """Of the t interval of one item's MOS; None below two votes."""
    if votes < 2:
        return None
    return float(stats.t.ppf(UPPER, votes - 1)) * deviation / sqrt(votes)


def votes_for(target: float, deviation: float) -> int | None:
    """Fewest votes whose interval of an item is at most +-target; None over 400."""
    _check_target(target)
    counts = range(2, MOST_VOTES + 1)
    widths = ((votes, half_width(votes, deviation) or 0.0) for votes in counts)
    return next((votes for votes, width in widths if width <= target), None)


def detectable_gap(design: Design, spread: Spread) -> float | None:
    """Difference of two separators' MOS found with 80 % power; None for one mixture.

    Mixtures and raters are the same for both, so what they share drops out; left
    are the mixtures that suit one separator more, and the rest.
    """
    if design.mixtures < 2:
        return None
    unlike = spread.items**2 * (1 - spread.share_of_mixtures)
    each = unlike / design.mixtures + spread.rest**2 / (design.mixtures * design.votes)
    freedom = design.mixtures - 1
    quantiles = stats.t.ppf(UPPER, freedom) + stats.t.ppf(POWER, freedom)
    return float(quantiles) * sqrt(2 * each)


def votes_for_gap(target: float, design: Design, spread: Spread) -> int | None:
    """Fewest votes per item that show a gap of `target`.

    None where no number does: then more mixtures are needed, not more votes.
    """
    _check_target(target)
    for votes in range(1, MOST_VOTES + 1):
        tried = Design(design.separators, design.mixtures, votes=votes)
        gap = detectable_gap(tried, spread)
        if gap is not None and gap <= target:
            return votes
    return None


def _of_separator(design: Design, spread: Spread, sessions: int) -> float | None:
    """Of the two-way interval of one separator's MOS."""
    votes = design.mixtures * design.votes
    raters = min(sessions, votes)
    freedom = min(raters, design.mixtures) - 1
    if freedom < 1:
        return None
    variance = (
        spread.raters**2 / raters
        + spread.items**2 / design.mixtures
        + spread.rest**2 / votes
    )
    return float(stats.t.ppf(UPPER, freedom)) * sqrt(variance)


def _check_target(target: float) -> None:
    if not target > 0:
        raise ValueError(
            f"the interval or gap asked for is {target:g} points; it must be above 0"
        )
