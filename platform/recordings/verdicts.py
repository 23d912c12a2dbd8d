"""Who decides about a mixture: the inspection, until a person does."""

from datetime import datetime

from people.models import User
from recordings.models import Inspection, Mixture


def decide(mixture: Mixture, verdict: str, *, by: User, now: datetime) -> None:
    """A person's verdict; no inspection changes it later."""
    mixture.verdict = Mixture.Verdict(verdict)
    mixture.decided_by, mixture.decided_at = by, now
    mixture.save(update_fields=["verdict", "decided_by", "decided_at"])


def follow(inspection: Inspection, *, now: datetime) -> None:
    """Let the mixture have the inspection's verdict, unless a person was first.

    Synthetic mixtures are accepted by their origin and stay so.
    """
    Mixture.objects.filter(
        pk=inspection.mixture_id, kind=Mixture.Kind.REAL, decided_by=None
    ).update(verdict=inspection.verdict, decided_at=now)
