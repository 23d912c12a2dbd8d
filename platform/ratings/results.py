"""Every score of a campaign that counts, for standings and agreement."""

from dataclasses import dataclass

from django.db.models import QuerySet

from ratings.models import Rating
from recordings.models import Campaign


@dataclass(frozen=True)
class Score:
    """One score from 1 to 5 by one rater for one estimate."""

    separator_id: int
    mixture_id: int
    estimate_id: int
    participant_id: int
    score: int
    is_simulated: bool


def used() -> QuerySet[Rating]:
    """The ratings that count: first hearings by raters whose scores are used.

    Answers to controls are no ratings, so they are never here.
    """
    return Rating.objects.filter(
        assignment__is_repeat=False, assignment__session__is_used=True
    )


def scores(campaign: Campaign) -> list[Score]:
    """All used scores of the campaign; the reader tells simulated from real."""
    rows = (
        used()
        .filter(assignment__item__study__campaign=campaign)
        .order_by("pk")
        .values_list(
            "estimate__run__separator_id",
            "estimate__run__mixture_id",
            "estimate_id",
            "assignment__session__participant_id",
            "score",
            "assignment__session__participant__is_simulated",
        )
    )
    return [Score(*row) for row in rows]
