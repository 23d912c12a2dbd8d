"""Ranks: best first, equal scores share one, a blank has none and stays last."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def ranks(
    scores: Sequence[float | None], *, digits: int, higher_is_better: bool = True
) -> list[int | None]:
    """Competition ranks (1, 1, 3) of scores that are equal as shown, with `digits`."""
    shown = [None if score is None else round(score, digits) for score in scores]
    known = sorted((s for s in shown if s is not None), reverse=higher_is_better)
    first: dict[float, int] = {}
    for place, score in enumerate(known, start=1):
        first.setdefault(score, place)
    return [None if score is None else first[score] for score in shown]


def blanks_last(
    rows: Sequence[T], value: Callable[[T], float | None], *, descending: bool
) -> list[T]:
    """Sorted by value; rows without one come last in either direction."""
    known = [row for row in rows if value(row) is not None]
    blank = [row for row in rows if value(row) is None]
    sign = -1 if descending else 1
    return sorted(known, key=lambda row: sign * (value(row) or 0.0)) + blank
