"""What each speaker told of herself: optional, and kept apart from the recordings."""

from datetime import datetime

from people.models import Answers, Participant


def save(
    participant: Participant, person: int, told: dict[str, str], *, now: datetime
) -> Answers:
    """The answers of one person of the pair; later ones replace them."""
    answers, _ = Answers.objects.update_or_create(
        participant=participant,
        person=person,
        defaults={**told, "answered_at": now},
    )
    return answers
