"""Which item a rater hears next: least filled, balanced, topped up where uncertain."""

from collections import Counter
from datetime import datetime
from random import Random

import numpy as np
from django.db.models import Count, Q, QuerySet
from scipy import stats

from ratings import results
from ratings.models import Assignment, Item, Session
from ratings.statistics.tables import Floats

UPPER = 0.975
LEAST_VARIANCE = 0.05  # equal scores of few raters are no certainty
SUBMITTED, LEASED = Assignment.State.SUBMITTED, Assignment.State.LEASED


def next_item(session: Session, *, now: datetime, rng: Random) -> Item | None:
    """An item new to this rater with the fewest ratings, live leases included.

    Among equals: the separator, the stratum and the mixture this rater has met
    least. Simulated raters and people are counted apart, and scores that are not
    used fill nothing. Once all items are filled, the one of the widest interval.
    """
    study = session.study
    if not _has_budget(session, now=now):
        return None
    items = list(_open_to(session, now=now))
    rng.shuffle(items)
    base = [item for item in items if _filled(item) < study.ratings_per_estimate]
    if not base:
        return _widest(session, items)
    met = session.assignments.filter(item__isnull=False).values_list(
        "item__run__separator_id", "item__stratum", "item__run__mixture_id"
    )
    columns = list(zip(*met, strict=True)) or [(), (), ()]
    separators, strata, mixtures = (Counter(column) for column in columns)
    return min(
        base,
        key=lambda item: (
            _filled(item),
            separators[item.run.separator_id],
            strata[item.stratum],
            mixtures[item.run.mixture_id],
        ),
    )


def repeat(session: Session, *, rng: Random) -> Item | None:
    """An item this rater scored before and not twice, the last one left out."""
    heard = session.assignments.filter(item__isnull=False).order_by("position")
    twice = set(heard.filter(is_repeat=True).values_list("item_id", flat=True))
    once = [one for one in heard.select_related("item") if one.item_id not in twice]
    earlier = once[:-1] or once
    return rng.choice(earlier).item if earlier else None


def is_filled(*, now: datetime) -> Q:
    """Assignments that fill an item: sent, or leased and not past the lease."""
    sent_or_live = Q(assignments__state=SUBMITTED) | Q(
        assignments__state=LEASED, assignments__lease_until__gt=now
    )
    return sent_or_live & Q(
        assignments__is_repeat=False, assignments__session__is_used=True
    )


def is_like(is_simulated: bool) -> Q:
    """Assignments of people, or of simulated raters: they are counted apart."""
    return Q(assignments__session__participant__is_simulated=is_simulated)


def _open_to(session: Session, *, now: datetime) -> QuerySet[Item]:
    """Items this rater never met, and did not record, with how filled they are."""
    is_alike = is_like(session.participant.is_simulated)
    own = session.contributors.all()
    return (
        session.study.items.exclude(assignments__session=session)
        .exclude(run__mixture__take__session__participant__in=own)
        .annotate(filled=Count("assignments", filter=is_filled(now=now) & is_alike))
        .select_related("run")
        .order_by("pk")
    )


def _filled(item: Item) -> int:
    return int(getattr(item, "filled", 0))


def _has_budget(session: Session, *, now: datetime) -> bool:
    study = session.study
    if study.budget_items is None:
        return True
    is_alike = is_like(session.participant.is_simulated)
    filled = is_filled(now=now) & is_alike
    spent = study.items.aggregate(n=Count("assignments", filter=filled))["n"]
    return bool(spent < study.budget_items)


def _widest(session: Session, items: list[Item]) -> Item | None:
    """Top-up: the item of the widest interval above the target, within the cap."""
    study = session.study
    items = [item for item in items if _filled(item) < study.most_ratings_per_estimate]
    widths = half_widths(items, is_simulated=session.participant.is_simulated)
    wide = [
        (_projected(*widths.get(item.pk, (np.inf, 1)), filled=_filled(item)), item)
        for item in items
    ]
    wide = [one for one in wide if one[0] > study.target_half_width]
    return max(wide, key=lambda one: one[0])[1] if wide else None


def _projected(width: float, scored: int, *, filled: int) -> float:
    """The width once what is leased now has been scored."""
    return width * float(np.sqrt(scored / max(filled, scored)))


def half_widths(
    items: list[Item], *, is_simulated: bool
) -> dict[int, tuple[float, int]]:
    """Of each rated item the half width of its least certain estimate's t interval.

    With the number of scores behind it.
    """
    rows = (
        results.used()
        .filter(
            assignment__item__in=items,
            assignment__session__participant__is_simulated=is_simulated,
        )
        .values_list("assignment__item_id", "estimate_id", "score")
    )
    scores: dict[tuple[int, int], list[int]] = {}
    for item, estimate, score in rows:
        scores.setdefault((int(item or 0), estimate), []).append(score)
    widths: dict[int, tuple[float, int]] = {}
    for (item, _), given in scores.items():
        width = _half_width(np.array(given, dtype=float))
        widths[item] = max((width, len(given)), widths.get(item, (0.0, 0)))
    return widths


def _half_width(scores: Floats) -> float:
    n = len(scores)
    if n < 2:
        return float("inf")
    variance = max(float(scores.var(ddof=1)), LEAST_VARIANCE)
    return float(stats.t.ppf(UPPER, n - 1)) * float(np.sqrt(variance / n))
