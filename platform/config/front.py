"""The figures of the front page."""

from typing import Any

from leaderboard.standings import standings
from ratings import results
from recordings.models import Campaign, Mixture
from separation.models import Run, Separator

SHOWN = 3


def figures() -> dict[str, Any]:
    ratings = results.used()
    simulated = ratings.filter(assignment__session__participant__is_simulated=True)
    return {
        "mixtures": Mixture.objects.count(),
        "separators": Separator.objects.filter(is_active=True).count(),
        "runs_done": Run.objects.filter(state=Run.State.DONE).count(),
        "ratings": ratings.count(),
        "simulated_ratings": simulated.count(),
        "best": _best(),
    }


def _best() -> list[dict[str, Any]]:
    """The separators that lead the newest campaign with results."""
    runs = Run.objects.filter(state=Run.State.DONE)
    campaign = (
        Campaign.objects.filter(mixtures__runs__in=runs)
        .order_by("-created_at")
        .distinct()
        .first()
    )
    if campaign is None:
        return []
    return [
        {
            "name": row.separator.name,
            "title": row.separator.title,
            "predicted": row.predicted and row.predicted.mean,
            "mos": row.mos and row.mos.mean,
            "is_simulated": row.is_simulated,
        }
        for row in standings(campaign)[:SHOWN]
    ]
