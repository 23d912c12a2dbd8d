"""A pair of speakers at work on one campaign, found by their private link."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from people import participants
from people.models import Participant
from recordings.models import Campaign, Session, Take

# In the browser's session: whom it recorded as; it is not given those mixtures to rate.
IN_BROWSER = "contributors"


def start(campaign: Campaign, *, now: datetime) -> tuple[Session, str]:
    """A session of two speakers who both agreed, and the secret of its link."""
    with transaction.atomic():
        participant, token = participants.enroll(
            Participant.Role.CONTRIBUTOR,
            text=campaign.consent_text,
            persons=2,
            now=now,
        )
        session = Session.objects.create(
            campaign=campaign, participant=participant, started_at=now
        )
    return session, token


def by_link(token: str) -> Session | None:
    participant = participants.by_link(token, Participant.Role.CONTRIBUTOR)
    return (
        Session.objects.select_related("campaign", "participant")
        .filter(participant=participant)
        .first()
        if participant
        else None
    )


def recorded(session: Session) -> QuerySet[Take]:
    """Its accepted takes with their stamps, in order."""
    return (
        session.takes.filter(state=Take.State.RECORDED)
        .select_related("stamp", "mixture")
        .order_by("number")
    )
