"""Everything the page of one campaign shows, from rows that are read once."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar, cast

from django.core.cache import cache

from leaderboard import agreement, plot
from leaderboard.agreement import Agreement, Points
from leaderboard.estimates import ScoredEstimate, default_estimator, scored
from leaderboard.standings import DEFAULT_KEY, Standing, compare
from ratings import results
from ratings.results import Score
from recordings.models import Campaign
from separation.models import Estimator, Separator

SEED = 2022  # of the bootstrap; printed with the figures
VERSION = 1  # of agreement.py: raise it when its figures change
KEPT_SECONDS = 24 * 3600
T = TypeVar("T")


@dataclass(frozen=True)
class RatedEstimate:
    """A point of the plot: one estimate with a prediction and at least one rating."""

    separator: Separator
    mixture: str
    mixture_id: int
    source: int
    predicted_si_snr_db: float
    mos: float
    ratings: int
    simulated_ratings: int

    @property
    def label(self) -> str:
        ratings = "1 rating" if self.ratings == 1 else f"{self.ratings} ratings"
        simulated = " (simulated)" if self.simulated_ratings else ""
        return (
            f"{self.separator.title} on {self.mixture}, voice {self.source}: "
            f"{self.predicted_si_snr_db:.1f} dB predicted, MOS {self.mos:.2f} of "
            f"{ratings}{simulated}"
        )


@dataclass(frozen=True)
class Board:
    campaign: Campaign
    estimator: Estimator | None
    standings: list[Standing]
    rated: list[RatedEstimate]
    agreement: Agreement
    mixtures: int
    key: str
    worst_first: bool

    @property
    def has_runs(self) -> bool:
        return any(row.mixtures for row in self.standings)

    @property
    def ratings(self) -> int:
        return sum(row.ratings for row in self.standings)

    @property
    def simulated_ratings(self) -> int:
        return sum(row.simulated_ratings for row in self.standings)


def board(
    campaign: Campaign, *, key: str = DEFAULT_KEY, worst_first: bool = False
) -> Board:
    estimator = default_estimator()
    estimates, scores = scored(campaign, estimator), results.scores(campaign)
    rows = compare(estimates, scores, key, worst_first)
    rated = _rated(estimates, scores, {row.separator.pk: row for row in rows})
    return Board(
        campaign=campaign,
        estimator=estimator,
        standings=rows,
        rated=rated,
        agreement=_kept(agreement.measure, _points(rated)),
        mixtures=campaign.mixtures.count(),
        key=key,
        worst_first=worst_first,
    )


def picture(shown: Board) -> str:
    """The plot of all rated estimates; empty without any."""
    if not shown.rated:
        return ""
    numbers = series(shown)
    points = [
        plot.Point(
            row.predicted_si_snr_db, row.mos, numbers[row.separator.pk], row.label
        )
        for row in shown.rated
    ]
    return plot.scatter(
        points,
        _kept(agreement.fit_line, _points(shown.rated)),
        title="Mean opinion score against predicted SI-SNR",
        description=f"{len(points)} rated estimates of {shown.campaign.title}; the "
        "table below the picture holds the same numbers.",
        is_simulated=any(row.simulated_ratings for row in shown.rated),
    )


def series(shown: Board) -> dict[int, int]:
    """The number of each separator in the plot, however the table is sorted."""
    known = sorted(row.separator.pk for row in shown.standings)
    return {pk: number for number, pk in enumerate(known)}


def _kept(compute: Callable[..., T], points: Points) -> T:
    """From the cache if these very points were resampled before: seconds for many."""
    content = sha256(b"".join(values.tobytes() for values in vars(points).values()))
    key = f"{compute.__name__}-{SEED}-{VERSION}-{content.hexdigest()}"
    kept = cache.get_or_set(key, lambda: compute(points, seed=SEED), KEPT_SECONDS)
    return cast("T", kept)


def _points(rated: Sequence[RatedEstimate]) -> Points:
    return Points.of(
        [
            (row.predicted_si_snr_db, row.mos, row.mixture_id, row.separator.pk)
            for row in rated
        ]
    )


def _rated(
    estimates: Sequence[ScoredEstimate],
    scores: Sequence[Score],
    rows: dict[int, Standing],
) -> list[RatedEstimate]:
    """Without silent estimates: their floor is no prediction."""
    given: dict[int, list[Score]] = defaultdict(list)
    for score in scores:
        given[score.estimate_id].append(score)
    return [
        RatedEstimate(
            separator=rows[row.separator_id].separator,
            mixture=row.mixture,
            mixture_id=row.mixture_id,
            source=row.source,
            predicted_si_snr_db=row.predicted_si_snr_db,
            mos=sum(score.score for score in mine) / len(mine),
            ratings=len(mine),
            simulated_ratings=sum(score.is_simulated for score in mine),
        )
        for row in estimates
        if (mine := given.get(row.estimate_id, []))
        and row.predicted_si_snr_db is not None
        and not row.is_silent
    ]
