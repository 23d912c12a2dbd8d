"""How likely a session is no honest listening, as points with their reasons. Pure."""

from dataclasses import dataclass

import numpy as np

from ratings.statistics.tables import Floats

EXCLUDED_FROM = 50  # points; no single weak sign reaches it
FEWEST_SCORES = 8
FAST_SECONDS = 1.5  # spare time per recording: to think, and click twice
LOPSIDED_SHARE = 0.9
ALIKE_SHARE, ALIKE_GROUP = 0.8, 3
MANY_RATERS, MANY_PLACES = 4, 3


@dataclass(frozen=True)
class Signs:
    """What was seen of one session.

    `spare_seconds` is the median time left after the sounds could have ended;
    `lopsided` the share of the commonest score; `same_place` counts sessions from
    this address and browser, `same_address` from this address, this one included;
    `places` the places this session was used from; `alike` the size of its group.
    """

    scores: int = 0
    spare_seconds: float | None = None
    lopsided: float = 0.0
    same_place: int = 1
    same_address: int = 1
    places: int = 1
    alike: int = 1


@dataclass(frozen=True)
class Risk:
    points: int
    reasons: list[str]

    @property
    def is_high(self) -> bool:
        return self.points >= EXCLUDED_FROM


def risk(signs: Signs) -> Risk:
    """Points of all signs; an address shared alone never excludes anybody."""
    enough = signs.scores >= FEWEST_SCORES
    spare = signs.spare_seconds
    found = [
        (30, enough and spare is not None and spare < FAST_SECONDS, _fast(spare)),
        (
            30,
            enough and signs.lopsided >= LOPSIDED_SHARE,
            f"{signs.lopsided:.0%} of the scores are the same number",
        ),
        (
            50,
            enough and signs.alike >= ALIKE_GROUP,
            f"{signs.alike} raters gave nearly the same scores",
        ),
        (
            25,
            signs.same_place >= MANY_RATERS - 1,
            f"{signs.same_place} raters at one address with one browser",
        ),
        (
            15,
            signs.same_address >= MANY_RATERS,
            f"{signs.same_address} raters at one address",
        ),
        (
            25,
            signs.places >= MANY_PLACES,
            f"one link used from {signs.places} places",
        ),
    ]
    held = [(points, reason) for points, is_so, reason in found if is_so]
    return Risk(sum(points for points, _ in held), [reason for _, reason in held])


def _fast(spare: float | None) -> str:
    return f"{spare or 0:.1f} s to spare per recording"


def alike_groups(values: Floats) -> list[int]:
    """Of each rater how many, itself included, gave nearly the same scores.

    Two raters are alike who share at least 8 items and scored 80 % of them equally.

    Args:
        values: (rater, item), NaN where not scored.
    """
    rated = ~np.isnan(values)
    plain = np.where(rated, values, 0.0)
    shared = rated.astype(float) @ rated.T.astype(float)
    equal = np.zeros_like(shared)
    for score in range(1, 6):
        has = (plain == score).astype(float)
        equal += has @ has.T
    is_alike = (shared >= FEWEST_SCORES) & (equal >= ALIKE_SHARE * shared)
    np.fill_diagonal(is_alike, True)
    return [int(size) for size in is_alike.sum(axis=1)]
