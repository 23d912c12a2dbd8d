"""What is known about each rater of a study: controls, fit, steadiness, signs."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np

from ratings import abuse, assignments
from ratings.abuse import Risk, Signs
from ratings.models import Assignment, ControlAnswer, Rating, Session, Study, Trace
from ratings.statistics import screening, tables
from ratings.statistics.screening import Bt500, Fit
from ratings.statistics.tables import Floats

Scored = tuple[Floats, Fit, Bt500, int]
NOTHING: Scored = (np.array([]), Fit(None, None, 0), Bt500(0.0, 0.0, 0), 1)


@dataclass(frozen=True)
class Evidence:
    """Of one session; `right` of `answers` to controls, `apart` in points."""

    session: Session
    scores: int
    variance: float | None
    right: int
    answers: int
    apart: float | None  # mean difference of an item's first and second score
    repeats: int
    fit: Fit
    bt500: Bt500
    signs: Signs
    risk: Risk

    def as_data(self) -> dict[str, Any]:
        """For the record of a decision."""
        return {
            "scores": self.scores,
            "variance": self.variance,
            "controls": [self.right, self.answers],
            "repeats": [self.repeats, self.apart],
            "fit": asdict(self.fit),
            "risk": asdict(self.risk),
            "signs": asdict(self.signs),
        }


def gather(
    study: Study, *, is_simulated: bool, trusted: set[int] | None = None
) -> list[Evidence]:
    """Evidence on each rater of one kind; people and simulations never mix.

    Args:
        trusted: sessions whose scores the others are compared with; all if None.
    """
    sessions = list(
        study.sessions.filter(participant__is_simulated=is_simulated)
        .select_related("study", "participant")
        .order_by("pk")
    )
    first, second = _scores(study), _scores(study, is_repeat=True)
    mine = {one.pk for one in sessions}
    table = tables.of({at: score for at, score in first.items() if at[0] in mine})
    scored = _scored(table, trusted)
    controls, spare, places = _controls(study), _spare_seconds(study), _places(study)
    found = []
    for session in sessions:
        own, fit, noise, alike = scored.get(session.pk, NOTHING)
        signs = Signs(
            scores=len(own),
            spare_seconds=spare.get(session.pk),
            lopsided=_lopsided(own),
            alike=alike,
            **places.get(session.pk, {}),
        )
        apart = _apart(session.pk, first, second)
        right, answers = controls.get(session.pk, (0, 0))
        one = Evidence(
            session,
            scores=len(own),
            variance=float(own.var(ddof=1)) if len(own) > 1 else None,
            right=right,
            answers=answers,
            apart=float(np.mean(apart)) if apart else None,
            repeats=len(apart),
            fit=fit,
            bt500=noise,
            signs=signs,
            risk=abuse.risk(signs),
        )
        found.append(one)
    return found


def _scored(table: tables.Table, trusted: set[int] | None) -> dict[int, Scored]:
    """By session: its scores, and how they go with those of others."""
    values, sessions = table.values, table.raters
    if not sessions:
        return {}
    columns = zip(
        (row[~np.isnan(row)] for row in values),
        _fits(values, sessions, trusted),
        screening.bt500(values),
        abuse.alike_groups(values),
        strict=True,
    )
    return dict(zip(sessions, columns, strict=True))


def _scores(study: Study, *, is_repeat: bool = False) -> dict[tuple[int, int], float]:
    """By (session, estimate)."""
    rows = Rating.objects.filter(
        assignment__session__study=study, assignment__is_repeat=is_repeat
    ).values_list("assignment__session_id", "estimate_id", "score")
    return {(session, estimate): float(score) for session, estimate, score in rows}


def _fits(values: Floats, sessions: list[int], trusted: set[int] | None) -> list[Fit]:
    """Each rater against the trusted others."""
    if trusted is None:
        return screening.leave_one_out(values)
    kept = np.array([session in trusted for session in sessions])
    fits = []
    for row in range(len(values)):
        among = kept.copy()
        among[row] = True
        at = int(among[:row].sum())
        fits.append(screening.leave_one_out(values[among])[at])
    return fits


def _controls(study: Study) -> dict[int, tuple[int, int]]:
    """By session: right answers, and all."""
    right: Counter[int] = Counter()
    total: Counter[int] = Counter()
    answers = ControlAnswer.objects.filter(
        assignment__session__study=study
    ).values_list(
        "assignment__session_id", "score", "sound__expected", "sound__tolerance"
    )
    for session, score, expected, tolerance in answers:
        total[session] += 1
        right[session] += abs(score - expected) <= tolerance
    return {session: (right[session], total[session]) for session in total}


def _spare_seconds(study: Study) -> dict[int, float]:
    """By session: the median time left after the sounds could all have ended."""
    spare: dict[int, list[float]] = defaultdict(list)
    sent = (
        Assignment.objects.filter(
            session__study=study, state=Assignment.State.SUBMITTED
        )
        .select_related("item__run__mixture", "control")
        .prefetch_related("plays")
    )
    for one in sent:
        served = [play.served_at for play in one.plays.all() if play.served_at]
        if served and one.submitted_at:
            end = assignments.earliest(served, seconds=one.seconds)
            spare[one.session_id].append((one.submitted_at - end).total_seconds())
    return {session: median(found) for session, found in spare.items()}


def _places(study: Study) -> dict[int, dict[str, int]]:
    """By session: how many share its place or address, and how many it has."""
    traces = Trace.objects.filter(session__study=study).values_list(
        "session_id", "address", "browser"
    )
    at_place: dict[tuple[str, str], set[int]] = defaultdict(set)
    at_address: dict[str, set[int]] = defaultdict(set)
    of_session: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for session, address, browser in traces:
        at_place[address, browser].add(session)
        at_address[address].add(session)
        of_session[session].add((address, browser))
    return {
        session: {
            "same_place": max(len(at_place[place]) for place in places),
            "same_address": max(len(at_address[address]) for address, _ in places),
            "places": len({address for address, _ in places}),
        }
        for session, places in of_session.items()
    }


def _lopsided(scores: Floats) -> float:
    if not len(scores):
        return 0.0
    return float(np.unique(scores, return_counts=True)[1].max() / len(scores))


def _apart(
    session: int,
    first: dict[tuple[int, int], float],
    second: dict[tuple[int, int], float],
) -> list[float]:
    """Distances between the two scores of what was heard twice."""
    return [
        abs(score - first[at])
        for at, score in second.items()
        if at[0] == session and at in first
    ]
