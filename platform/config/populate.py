"""The demonstration's contents: campaign, mixtures, study, simulated ratings, staff."""

import csv
import secrets
from datetime import datetime
from pathlib import Path

from people import consent
from people.models import ConsentText, User
from ratings import controls, simulation, studies
from ratings.models import Study
from recordings import synthetic
from recordings.models import Campaign, Prompt

DEMO = Path(__file__).parent / "demo"
STAFF_EMAIL = "staff@demo.example"
RECORD_CONSENT = (
    "We record what both of you say into this microphone, and nothing else. "
    "The recording, the two sentences and what your browser tells about the sound "
    "device are stored under a random name. They may be published as open data and "
    "used for research.\n\n"
    "Do not say names or other private things. You may stop at any time."
)
RATE_CONSENT = (
    "You will listen to short recordings and score what a program made of them. "
    "Your scores are stored under a random name and may be published as open data."
    "\n\n"
    "Please use headphones and a comfortable volume. You may stop at any time."
)
SIMULATED_RATERS = 36  # of 10 items: about 4 scores for each estimate
SEED = 2022


def load(*, now: datetime) -> tuple[Campaign, Study]:
    """The demo campaign with its mixtures and study; what is there already is kept."""
    campaign, _ = Campaign.objects.get_or_create(
        slug="demo",
        defaults={
            "title": "Demonstration: synthesized voices",
            "description": (
                "Twenty-four short mixtures of synthesized voices in several accents. "
                "Their sources are known, so the SI-SNR can be measured as well as "
                "predicted."
            ),
            "consent_text": consent.current(
                ConsentText.Purpose.RECORD, body=RECORD_CONSENT, now=now
            ),
            "takes_per_session": 3,
            "is_open": True,
            "is_demo": True,
            "created_at": now,
        },
    )
    synthetic.load(DEMO / "manifest.csv", campaign, now=now)
    _load_prompts(campaign)
    study, _ = Study.objects.get_or_create(
        slug="demo-overall",
        defaults={
            "title": "How well are the two voices separated?",
            "description": "One score per separated voice, from 1 (bad) to 5.",
            "campaign": campaign,
            "consent_text": consent.current(
                ConsentText.Purpose.RATE, body=RATE_CONSENT, now=now
            ),
            "state": Study.State.OPEN,
            "items_per_session": 10,
            "controls_per_session": 2,
            "repeats_per_session": 1,
            "created_at": now,
        },
    )
    return campaign, study


def rate(study: Study, *, now: datetime) -> int:
    """Simulated ratings of every finished run; returns how many were added."""
    studies.fill(study)
    controls.prepare(study)
    return simulation.simulate(study, raters=SIMULATED_RATERS, seed=SEED, now=now)


def staff_password(var_dir: Path) -> str:
    """The demo's staff account, made on first use; its password stays in `var`."""
    kept = var_dir / "demo-password"
    if not kept.exists():
        kept.write_text(secrets.token_urlsafe(9))
        kept.chmod(0o600)
    password = kept.read_text()
    user = User.objects.filter(email=STAFF_EMAIL).first()
    if user is None:
        User.objects.create_superuser(STAFF_EMAIL, password)
    elif not user.check_password(password):
        user.set_password(password)
        user.save()
    return password


def _load_prompts(campaign: Campaign) -> None:
    with (DEMO / "sentences.csv").open(newline="") as rows:
        prompts = [
            Prompt(campaign=campaign, text=row["text"], licence=row["license"])
            for row in csv.DictReader(rows)
        ]
    Prompt.objects.bulk_create(prompts, ignore_conflicts=True)
