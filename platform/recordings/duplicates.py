"""The same sound sent twice, by whomever: landmarks stored and looked up."""

from dataclasses import dataclass

from django.db import transaction

from recordings.inspection import fingerprint
from recordings.models import Landmark, Mixture

Landmarks = list[tuple[int, int]]  # (mark, frame)
AT_ONCE = 500  # marks in one query
MOST_ROWS = 50_000  # of one query: the time stays bounded in any archive


@dataclass(frozen=True)
class Duplicate:
    share: float  # of the landmarks, 0 to 1
    mixture: int | None  # primary key of the one that shares them


def find(mixture: Mixture, landmarks: Landmarks) -> Duplicate:
    """The earlier mixture that has most of these landmarks in this order.

    One look-up per mark in an index, however many mixtures there are.
    """
    marks = sorted({mark for mark, _ in landmarks})
    shared: list[tuple[int, int, int]] = []
    for start in range(0, len(marks), AT_ONCE):
        shared += (
            Landmark.objects.filter(
                mark__in=marks[start : start + AT_ONCE], mixture__lt=mixture.pk
            )
            .values_list("mixture_id", "mark", "frame")
            .order_by("-pk")[:MOST_ROWS]
        )
    found = fingerprint.matches(landmarks, shared)
    if not found:
        return Duplicate(0.0, None)
    return Duplicate(found[0].share, found[0].subject)


def keep(mixture: Mixture, landmarks: Landmarks) -> None:
    """Remember them, once."""
    with transaction.atomic():
        Landmark.objects.filter(mixture=mixture).delete()
        Landmark.objects.bulk_create(
            (
                Landmark(mixture=mixture, mark=mark, frame=frame)
                for mark, frame in landmarks
            ),
            batch_size=1_000,
        )
