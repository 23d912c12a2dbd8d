"""Before the mixtures: the silent room, then each voice alone."""

import random

from django.db import transaction

from recordings import takes
from recordings.models import Session, SoloTake

ORDER = (SoloTake.Part.SILENCE, SoloTake.Part.SPEAKER_A, SoloTake.Part.SPEAKER_B)
SILENCE_SECONDS = 2.0


def following(session: Session, chance: random.Random | None = None) -> SoloTake | None:
    """The part that is not recorded yet; None if all are, or the campaign wants none.

    A session that began with mixtures is not called back.
    """
    campaign = session.campaign
    if not campaign.has_solo_takes or takes.is_finished(session):
        return None
    with transaction.atomic():
        Session.objects.select_for_update().get(pk=session.pk)  # two tabs: one row
        asked = {solo.part: solo for solo in session.solo_takes.all()}
        if not asked and session.takes.exists():
            return None
        for part in ORDER:
            solo = asked.get(part) or _new(session, part, chance)
            if solo is None or solo.recorded_at is None:
                return solo
    return None


def _new(
    session: Session, part: SoloTake.Part, chance: random.Random | None
) -> SoloTake | None:
    prompt = None
    if part != SoloTake.Part.SILENCE:
        read = session.solo_takes.exclude(prompt=None).values("prompt")
        free = list(session.campaign.prompts.exclude(pk__in=read).order_by("pk"))
        if not free:
            return None
        prompt = (chance or random.SystemRandom()).choice(free)
    return SoloTake.objects.create(session=session, part=part, prompt=prompt)


def recorded(session: Session) -> dict[str, SoloTake]:
    """What is recorded of silence and each voice alone, by part."""
    return {
        solo.part: solo for solo in session.solo_takes.exclude(recorded_at__isnull=True)
    }
