"""Enrolling contributors and raters, who are known only by a private link."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from people.models import Consent, ConsentText, Participant

_WORDS = """
badger beaver bison crane dipper dunlin egret falcon ferret finch gecko heron
ibex jackdaw kestrel lapwing lemur linnet lynx marten merlin newt ocelot osprey
otter owl petrel plover puffin quail raven robin seal shrew siskin stoat stork
swift tapir teal tern thrush turtle vole walrus weasel wren yak
"""
ANIMALS = _WORDS.split()


def enroll(
    role: str,
    *,
    text: ConsentText,
    persons: int,
    now: datetime,
    is_simulated: bool = False,
) -> tuple[Participant, str]:
    """A new participant who agreed to `text`, and the secret of the private link.

    Only the hash of the secret is stored: it cannot be shown a second time.
    """
    if persons not in (1, 2):
        raise ValueError(f"{persons} persons agreed; a participant is 1 or 2 persons.")
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        participant = Participant.objects.create(
            role=role,
            pseudonym=_free_pseudonym(),
            link_sha256=_digest(token),
            is_simulated=is_simulated,
            created_at=now,
        )
        for person in range(1, persons + 1):
            Consent.objects.create(
                participant=participant, text=text, person=person, agreed_at=now
            )
    return participant, token


def by_link(token: str, role: str) -> Participant | None:
    """The participant of this role whose private link holds `token`."""
    return Participant.objects.filter(link_sha256=_digest(token), role=role).first()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _free_pseudonym() -> str:
    while True:
        name = f"{secrets.choice(ANIMALS)}-{secrets.token_hex(2)}"
        if not Participant.objects.filter(pseudonym=name).exists():
            return name
