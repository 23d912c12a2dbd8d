"""A study as staff see it: progress, agreement, intervals, raters with evidence."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count

from ratings import allocation, decisions, evidence, judging, mos, results
from ratings.evidence import Evidence
from ratings.models import Assignment, Decision, Rating, Study
from ratings.mos import Mos
from ratings.statistics import agreement, rater_model, tables
from ratings.statistics.agreement import Reliability

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rated:
    """A separator: plain MOS with two-way interval; MOS without raters' biases."""

    separator: str
    mos: Mos
    modeled: float


@dataclass(frozen=True)
class Row:
    """A rater, what is known, and what holds."""

    evidence: Evidence
    flags: list[str]
    money: Decision | None
    data: Decision | None


@dataclass(frozen=True)
class Report:
    """Counts are of rated items; `by_filled` tells how many items have n ratings."""

    done: int
    wanted: int
    by_filled: list[tuple[int, int]]
    ends_at: datetime | None
    alpha: float | None
    reliability: Reliability | None
    separators: list[Rated]
    raters: list[Row]

    @property
    def ceiling(self) -> float | None:
        """The highest correlation anything can have with these means."""
        if self.reliability is None:
            return None
        return float(np.sqrt(max(self.reliability.item_mean, 0.0)))


def report(study: Study, *, is_simulated: bool, now: datetime) -> Report:
    """Everything of one kind of raters; people and simulations never mix."""
    filled = _filled(study, is_simulated=is_simulated, now=now)
    wanted = study.ratings_per_estimate * len(filled)
    if study.budget_items is not None:
        wanted = min(wanted, study.budget_items)
    table, separator_of = _table(study, is_simulated=is_simulated)
    found = evidence.gather(study, is_simulated=is_simulated)
    return Report(
        done=sum(filled.values()),
        wanted=wanted,
        by_filled=sorted(Counter(filled.values()).items()),
        ends_at=_ends_at(study, wanted - sum(filled.values()), now=now),
        alpha=agreement.alpha(table.values) if len(table.items) else None,
        reliability=agreement.reliability(table.values) if len(table.items) else None,
        separators=_separators(table, separator_of),
        raters=[_row(one) for one in found],
    )


def votes(study: Study) -> Iterator[list[object]]:
    """A heading, then every vote with whether it counts; no answers to controls."""
    yield [
        "rater",
        "is_simulated",
        "is_used",
        "separator",
        "mixture",
        "source",
        "score",
        "is_repeat",
        "position",
        "at",
    ]
    rows = (
        Rating.objects.filter(assignment__session__study=study)
        .select_related(
            "assignment__session__participant",
            "estimate__run__separator",
            "estimate__run__mixture",
        )
        .order_by("pk")
    )
    for one in rows:
        rater = one.assignment.session.participant
        yield [
            rater.pseudonym,
            rater.is_simulated,
            one.assignment.session.is_used,
            one.estimate.run.separator.name,
            one.estimate.run.mixture.slug,
            one.estimate.source,
            one.score,
            one.assignment.is_repeat,
            one.assignment.position,
            one.created_at.isoformat(),
        ]


def _row(one: Evidence) -> Row:
    money, data = decisions.money(one.session), decisions.data(one.session)
    return Row(one, judging.flags(one), money, data)


def _filled(study: Study, *, is_simulated: bool, now: datetime) -> dict[int, int]:
    """Ratings by item, live leases included, as the allocation counts them."""
    alike = allocation.is_filled(now=now) & allocation.is_like(is_simulated)
    items = study.items.annotate(filled=Count("assignments", filter=alike))
    return dict(items.values_list("pk", "filled"))


def _ends_at(study: Study, left: int, *, now: datetime) -> datetime | None:
    """At the pace of the last day; None where nothing came in, or nothing is left."""
    lately = Assignment.objects.filter(
        item__study=study, is_repeat=False, submitted_at__gt=now - DAY
    ).count()
    return now + DAY * (left / lately) if lately and left > 0 else None


def _table(
    study: Study, *, is_simulated: bool
) -> tuple[tables.Table, dict[int, tuple[str, int]]]:
    """Used scores by (session, estimate); of each estimate separator and mixture."""
    rows = (
        results.used()
        .filter(
            assignment__item__study=study,
            assignment__session__participant__is_simulated=is_simulated,
        )
        .values_list(
            "assignment__session_id",
            "estimate_id",
            "score",
            "estimate__run__separator__name",
            "estimate__run__mixture_id",
        )
    )
    scores: dict[tuple[int, int], float] = {}
    belongs: dict[int, tuple[str, int]] = {}
    for session, estimate, score, separator, mixture in rows:
        scores[session, estimate] = score
        belongs[estimate] = (separator, mixture)
    return tables.of(scores), belongs


def _separators(
    table: tables.Table, belongs: dict[int, tuple[str, int]]
) -> list[Rated]:
    """Best first; the two voices of a mixture are heard together, so count once."""
    if not table.items:
        return []
    quality = rater_model.shrunk(table.values).quality
    by_pair: dict[str, dict[tuple[int, int], list[float]]] = defaultdict(dict)
    modeled: dict[str, list[float]] = defaultdict(list)
    for column, estimate in enumerate(table.items):
        separator, mixture = belongs[estimate]
        modeled[separator].append(float(quality[column]))
        for row in np.flatnonzero(~np.isnan(table.values[:, column])):
            pair = (table.raters[row], mixture)
            by_pair[separator].setdefault(pair, []).append(table.values[row, column])
    rated = [
        Rated(
            name,
            mos.system_mos({at: float(np.mean(own)) for at, own in scores.items()}),
            float(np.mean(modeled[name])),
        )
        for name, scores in by_pair.items()
    ]
    return sorted(rated, key=lambda one: -(one.mos.mean or 0))
