"""What a session has to record next, in the words the record page understands."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse

from recordings import takes
from recordings.models import Session, Take

Step = dict[str, Any]


def following(session: Session, token: str, *, now: datetime) -> Step | None:
    """The step whose turn it is; None when there is nothing left to record."""
    lease = timedelta(seconds=settings.TAKE_LEASE_SECONDS)
    take = takes.lease(session, lease=lease, now=now)
    return _take(take, token) if take else None


def _take(take: Take, token: str) -> Step:
    prompts = [take.prompt_1.text, take.prompt_2.text]
    return {
        "label": " / ".join(prompts),
        "prompts": prompts,
        "minSeconds": take.session.campaign.min_seconds,
        "maxSeconds": take.session.campaign.max_seconds,
        "ticket": reverse("recordings:ticket", args=[token, take.number]),
        "finish": reverse("recordings:finish", args=[token, take.number]),
    }
