"""Listening studies: create, open, pause, close, and fill with what was separated."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ratings import consent, controls
from ratings.models import Assignment, Item, Study
from recordings.models import Campaign, Mixture
from separation.models import Estimate, Run


class StudyClosed(Exception):
    """What was asked needs a study in another state; the message says which."""


class StudyLocked(Exception):
    """A study with votes is not edited; the message says what to do."""


def create(
    campaign: Campaign, *, slug: str, title: str, now: datetime, **fields: object
) -> Study:
    """A draft over the runs of `campaign`; nobody sees it before it is opened."""
    values = {"consent_text": consent.to_rate(now=now), "created_at": now, **fields}
    return Study.objects.create(campaign=campaign, slug=slug, title=title, **values)


def listed() -> QuerySet[Study]:
    """The studies that raters may choose from, newest first."""
    return Study.objects.filter(state=Study.State.OPEN).order_by("-created_at", "-pk")


def open_(study: Study) -> int:
    """Let raters in; the number of items added on the way."""
    if study.state == Study.State.CLOSED:
        raise StudyClosed(
            f"The study {study.title} is closed for good; create a new one instead."
        )
    added = fill(study)
    controls.prepare(study)
    _move(study, Study.State.OPEN)
    return added


def pause(study: Study) -> None:
    """Give out no more items; what is being rated may still be sent."""
    if study.state != Study.State.OPEN:
        raise StudyClosed(
            f"The study {study.title} is {study.state}; only an open one can be paused."
        )
    _move(study, Study.State.PAUSED)


def close(study: Study) -> None:
    """End the study; its ratings stay."""
    _move(study, Study.State.CLOSED)


def _move(study: Study, state: Study.State) -> None:
    study.state = state
    study.save(update_fields=["state"])


@transaction.atomic
def fill(study: Study) -> int:
    """Add an item for each finished run not yet in the study; how many were added.

    Of several runs of one separator on one mixture only the latest counts. Runs with
    a silent estimate are left out: there is nothing to hear. Safe to call any time.
    """
    silent = Estimate.objects.filter(is_silent=True)
    runs = (
        Run.objects.filter(mixture__campaign=study.campaign, state=Run.State.DONE)
        .exclude(estimates__in=silent)
        .filter(estimates__isnull=False)
        .distinct()
        .order_by("pk")
    )
    runs = runs.select_related("mixture__take")
    latest = {(run.mixture_id, run.separator_id): run for run in runs}
    known = set(study.items.values_list("run_id", flat=True))
    new = [
        Item(study=study, run=run, stratum=_stratum(run.mixture))
        for run in latest.values()
        if run.pk not in known
    ]
    Item.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _stratum(mixture: Mixture) -> str:
    """Who recorded where: one pair of speakers in one room, else how it was made."""
    take = getattr(mixture, "take", None)
    return f"pair {take.session_id}" if take else str(mixture.kind)


def has_begun(study: Study) -> bool:
    """Whether a vote was cast: from then on nothing about the study is edited."""
    sent = Assignment.State.SUBMITTED
    return Assignment.objects.filter(session__study=study, state=sent).exists()


def edit(study: Study, **fields: object) -> None:
    """Change a study that has no vote yet."""
    if has_begun(study):
        raise StudyLocked(
            f"The study {study.title} has votes; changing it now would mix two "
            "studies. Close it and create a new one."
        )
    Study.objects.filter(pk=study.pk).update(**fields)
    study.refresh_from_db()


def fill_open() -> int:
    """Fill every open study; how many items were added. Beat calls it each minute."""
    added = 0
    for study in listed():
        added += fill(study)
        if study.items.count() >= controls.OF_EACH_KIND:
            controls.prepare(study)
    return added
