"""One row per separator of a campaign: predicted, measured and rated."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q

from leaderboard import means, ranking
from leaderboard.estimates import ScoredEstimate, default_estimator, scored
from leaderboard.means import Mean
from ratings import mos, results
from ratings.mos import Mos
from ratings.results import Score
from recordings.models import Campaign
from separation.models import Separator
from separation.runs import SPEAKERS

ANCHORS = {"identity"}  # returns the mixture: what doing nothing scores
FEWEST_RATINGS = 30  # below, a MOS is preliminary


@dataclass(frozen=True)
class Standing:
    """What one separator achieved in one campaign; None is a blank, never a zero."""

    separator: Separator
    predicted: Mean | None
    measured: Mean | None
    improvement: Mean | None
    mos: Mos | None
    share_at_limits: float | None
    share_no_output: float | None
    ratings: int
    raters: int
    simulated_ratings: int
    mixtures: int
    real_time_factor: float | None
    rank: int | None = None

    @property
    def is_anchor(self) -> bool:
        return self.separator.name in ANCHORS

    @property
    def is_preliminary(self) -> bool:
        return 0 < self.ratings < FEWEST_RATINGS

    @property
    def is_simulated(self) -> bool:
        return self.simulated_ratings > 0


@dataclass(frozen=True)
class Key:
    """What the standings can be ranked by."""

    name: str
    value: Callable[[Standing], float | None]
    digits: int
    higher_is_better: bool = True


def _mean(of: Mean | Mos | None) -> float | None:
    return None if of is None else of.mean


KEYS = {
    key.name: key
    for key in (
        Key("predicted", lambda row: _mean(row.predicted), 1),
        Key("mos", lambda row: _mean(row.mos), 2),
        Key("measured", lambda row: _mean(row.measured), 1),
        Key("improvement", lambda row: _mean(row.improvement), 1),
        Key("speed", lambda row: row.real_time_factor, 3, higher_is_better=False),
        Key("parameters", lambda row: row.separator.parameters, 0, False),
    )
}
DEFAULT_KEY = "predicted"


def standings(
    campaign: Campaign, *, key: str = DEFAULT_KEY, worst_first: bool = False
) -> list[Standing]:
    """One row per active separator, and per one with finished runs, ranked by `key`."""
    estimates = scored(campaign, default_estimator())
    return compare(estimates, results.scores(campaign), key, worst_first)


def compare(
    estimates: Sequence[ScoredEstimate],
    scores: Sequence[Score],
    key: str = DEFAULT_KEY,
    worst_first: bool = False,
) -> list[Standing]:
    """The standings from rows that were read already."""
    mine: dict[int, list[ScoredEstimate]] = defaultdict(list)
    rated: dict[int, list[Score]] = defaultdict(list)
    for estimate in estimates:
        mine[estimate.separator_id].append(estimate)
    current = {estimate.estimate_id for estimate in estimates}
    for score in scores:
        if score.estimate_id in current:  # not of an earlier revision
            rated[score.separator_id].append(score)
    awaited = Q(is_active=True, sources=SPEAKERS)
    separators = Separator.objects.filter(awaited | Q(pk__in=mine))
    rows = [
        _standing(separator, mine[separator.pk], rated[separator.pk])
        for separator in separators.order_by("title", "name")
    ]
    return _ranked(rows, KEYS[key], worst_first)


def _ranked(rows: list[Standing], key: Key, worst_first: bool) -> list[Standing]:
    ranks = ranking.ranks(
        [key.value(row) for row in rows],
        digits=key.digits,
        higher_is_better=key.higher_is_better,
    )
    ranked = [replace(row, rank=rank) for row, rank in zip(rows, ranks, strict=True)]
    return ranking.blanks_last(ranked, lambda row: row.rank, descending=worst_first)


def _standing(
    separator: Separator, estimates: list[ScoredEstimate], scores: list[Score]
) -> Standing:
    def mean(value: Callable[[ScoredEstimate], float | None]) -> Mean | None:
        return means.over_mixtures((row.mixture_id, value(row)) for row in estimates)

    return Standing(
        separator=separator,
        predicted=mean(lambda row: row.predicted_si_snr_db),
        measured=mean(lambda row: row.measured_si_snr_db),
        improvement=mean(lambda row: row.improvement_db),
        mos=_mos(scores),
        share_at_limits=_share([row.is_at_limit for row in estimates]),
        share_no_output=_share([row.is_silent for row in estimates]),
        ratings=len(scores),
        raters=len({score.participant_id for score in scores}),
        simulated_ratings=sum(score.is_simulated for score in scores),
        mixtures=len({row.mixture_id for row in estimates}),
        real_time_factor=_real_time_factor(estimates),
    )


def _mos(scores: list[Score]) -> Mos | None:
    """Two-way interval; the voices of one mixture are heard together, so count once."""
    of_pair: dict[tuple[int, int], list[int]] = defaultdict(list)
    for score in scores:
        of_pair[score.participant_id, score.mixture_id].append(score.score)
    if not of_pair:
        return None
    return mos.system_mos({pair: sum(s) / len(s) for pair, s in of_pair.items()})


def _share(claims: list[bool]) -> float | None:
    return sum(claims) / len(claims) if claims else None


def _real_time_factor(estimates: list[ScoredEstimate]) -> float | None:
    """Seconds of computing per second of sound, over all timed runs."""
    timed = {
        row.run_id: (row.separation_seconds, row.mixture_seconds)
        for row in estimates
        if row.separation_seconds is not None
    }
    heard = sum(seconds for _, seconds in timed.values())
    return sum(spent for spent, _ in timed.values()) / heard if heard else None
