"""Listening studies: create, open, pause, close, and fill with what was separated."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ratings import consent
from ratings.models import Item, Study
from recordings.models import Campaign
from separation.models import Estimate, Run


class StudyClosed(Exception):
    """What was asked needs a study in another state; the message says which."""


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
    latest = {(run.mixture_id, run.separator_id): run for run in runs}
    known = set(study.items.values_list("run_id", flat=True))
    new = [Item(study=study, run=run) for run in latest.values() if run.pk not in known]
    Item.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def fill_open() -> int:
    """Fill every open study; how many items were added. Beat calls it each minute."""
    return sum(fill(study) for study in listed())
