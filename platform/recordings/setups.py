"""What the speakers told of themselves and of where they record; the microphone."""

from datetime import datetime
from typing import Any

from django.db import transaction

from people import answers
from recordings.models import Session, SetUp


def save(
    session: Session,
    *,
    speakers: list[dict[str, str]],
    place: dict[str, str],
    now: datetime,
) -> SetUp:
    """Keep the answers of both speakers and of the set-up; later ones replace them."""
    with transaction.atomic():
        for person, told in enumerate(speakers, start=1):
            answers.save(session.participant, person, told, now=now)
        set_up, _ = SetUp.objects.update_or_create(
            session=session, defaults={**place, "answered_at": now}
        )
    return set_up


def is_answered(session: Session) -> bool:
    return SetUp.objects.filter(session=session).exists()


def keep_check(session: Session, found: dict[str, Any], *, now: datetime) -> None:
    """Remember what the microphone check found on the device at hand."""
    SetUp.objects.update_or_create(
        session=session,
        defaults={"microphone": {**found, "checked_at": now.isoformat()}},
        create_defaults={
            "microphone": {**found, "checked_at": now.isoformat()},
            "answered_at": now,
        },
    )
