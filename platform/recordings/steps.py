"""What a session has to record next, in the words the record page understands."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from recordings import intake, solos, takes
from recordings.models import Session, SoloTake, Take

Step = dict[str, Any]
CHARACTERS_PER_S = 14  # of reading aloud: 150 words a minute
LEAST_SECONDS = 1.5


def following(session: Session, token: str, *, now: datetime) -> Step | None:
    """The step whose turn it is; None when there is nothing left to record."""
    solo = solos.following(session)
    if solo is not None:
        return _solo(solo, token)
    lease = timedelta(seconds=settings.TAKE_LEASE_SECONDS)
    take = takes.lease(session, lease=lease, now=now)
    return _take(take, token) if take else None


def reading_seconds(*sentences: str) -> float:
    """How long the longest takes to be read aloud; all are read at once."""
    longest = max(map(len, sentences), default=0)
    return max(LEAST_SECONDS, longest / CHARACTERS_PER_S)


def _take(take: Take, token: str) -> Step:
    prompts = [take.prompt_1.text, take.prompt_2.text]
    return {
        "kind": "mixture",
        "label": " / ".join(prompts),
        "prompts": prompts,
        "maxSeconds": take.session.campaign.max_seconds,
        "expectedSeconds": round(reading_seconds(*prompts), 1),
        "ticket": reverse("recordings:ticket", args=[token, take.number]),
        "finish": reverse("recordings:finish", args=[token, take.number]),
    }


def _solo(solo: SoloTake, token: str) -> Step:
    sentence = solo.prompt.text if solo.prompt else ""
    is_silence = solo.part == SoloTake.Part.SILENCE
    speaker = {SoloTake.Part.SPEAKER_A: 1, SoloTake.Part.SPEAKER_B: 2}
    return {
        "kind": "silence" if is_silence else "solo",
        "speaker": speaker.get(SoloTake.Part(solo.part), 0),
        "label": sentence or gettext("The silent room"),
        "prompts": [sentence] if sentence else [],
        "maxSeconds": solos.SILENCE_SECONDS if is_silence else intake.SOLO_SECONDS[1],
        "expectedSeconds": 0 if is_silence else round(reading_seconds(sentence), 1),
        "ticket": reverse("recordings:solo_ticket", args=[token, solo.part]),
        "finish": reverse("recordings:solo_finish", args=[token, solo.part]),
    }
