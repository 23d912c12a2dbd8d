"""Campaigns, sessions, takes and sounds for tests; plain functions with defaults."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import soundfile
from django.test import Client
from numpy.typing import NDArray

from people import consent
from recordings import sessions, setups, takes, views
from recordings.models import Campaign, Prompt, Session, Take

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
SENTENCES = [f"Sentence number {n} is read aloud." for n in range(1, 13)]


def make_campaign(slug: str = "english", prompts: int = 12, **fields: Any) -> Campaign:
    values = {
        "title": "Two voices",
        "takes_per_session": 2,
        "is_open": True,
        "has_solo_takes": False,
        **fields,
    }
    text = consent.current("record", body="You may keep what we say.", now=NOW)
    campaign = Campaign.objects.create(
        slug=slug, consent_text=text, created_at=NOW, **values
    )
    for sentence in SENTENCES[:prompts]:
        Prompt.objects.create(campaign=campaign, text=sentence)
    return campaign


def make_session(campaign: Campaign | None = None) -> Session:
    return sessions.start(campaign or make_campaign(), now=NOW)[0]


def make_ready(client: Client, session: Session) -> None:
    """The questions are answered and this device's microphone is checked."""
    setups.save(session, speakers=[], place={}, now=NOW)
    client.cookies[views.CHECKED] = "1"


def make_take(session: Session | None = None, now: datetime = NOW) -> Take:
    take = takes.lease(session or make_session(), lease=LEASE, now=now)
    assert take is not None
    return take


def chirp(
    seconds: float = 3.0, sample_rate: int = 16_000, gain: float = 0.3
) -> NDArray[np.float64]:
    """A sweep from 100 Hz to 3 kHz: no two moments of it are alike."""
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    phase = 2 * np.pi * (100 * time + 1450 * time**2 / seconds)
    return gain * np.sin(phase)


def wav(
    samples: NDArray[Any],
    sample_rate: int = 16_000,
    subtype: str = "PCM_16",
    container: str = "WAV",
) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, sample_rate, format=container, subtype=subtype)
    return out.getvalue()
