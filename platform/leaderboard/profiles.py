"""One separator: its figures in each campaign, and examples that may be played."""

from dataclasses import dataclass

from django.db.models import Prefetch

from leaderboard.estimates import default_estimator
from leaderboard.standings import Standing, standings
from recordings import objects
from recordings.models import Campaign, Mixture
from separation.models import Estimate, Prediction, Run, Separator

EXAMPLES = 3
PLAYABLE_SECONDS = 6 * 3600  # a page stays open in a tab


@dataclass(frozen=True)
class Voice:
    source: int
    url: str
    is_silent: bool
    predicted_si_snr_db: float | None
    measured_si_snr_db: float | None


@dataclass(frozen=True)
class Example:
    mixture: str
    url: str
    voices: list[Voice]


def in_campaigns(separator: Separator) -> list[tuple[Campaign, Standing, int]]:
    """Its standing in each campaign where it ran, and how many separators there are."""
    runs = separator.runs.filter(state=Run.State.DONE)
    campaigns = Campaign.objects.filter(mixtures__runs__in=runs).distinct()
    found = []
    for campaign in campaigns.order_by("pk"):
        rows = standings(campaign)
        mine = next(row for row in rows if row.separator == separator)
        found.append((campaign, mine, len(rows)))
    return found


def examples(separator: Separator) -> list[Example]:
    """The first mixtures of demo campaigns; real recordings are played to nobody."""
    predictions = Prediction.objects.filter(estimator=default_estimator())
    estimates = Estimate.objects.prefetch_related(
        Prefetch("predictions", queryset=predictions, to_attr="shown")
    )
    runs = (
        Run.objects.current()
        .filter(
            separator=separator,
            state=Run.State.DONE,
            mixture__kind=Mixture.Kind.SYNTHETIC,
            mixture__campaign__is_demo=True,
        )
        .select_related("mixture")
        .prefetch_related(Prefetch("estimates", queryset=estimates))
        .order_by("mixture__slug", "pk")
    )
    return [_example(run) for run in runs[:EXAMPLES]]


def _example(run: Run) -> Example:
    return Example(
        mixture=run.mixture.slug,
        url=_url(run.mixture.audio.name),
        voices=[_voice(estimate) for estimate in run.estimates.all()],
    )


def _voice(estimate: Estimate) -> Voice:
    shown: list[Prediction] = estimate.shown  # type: ignore[attr-defined]
    return Voice(
        source=estimate.source,
        url=_url(estimate.audio.name),
        is_silent=estimate.is_silent,
        predicted_si_snr_db=shown[0].predicted_si_snr_db if shown else None,
        measured_si_snr_db=estimate.measured_si_snr_db,
    )


def _url(name: str | None) -> str:
    return objects.signed_url(str(name), seconds=PLAYABLE_SECONDS)
