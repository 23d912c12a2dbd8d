"""Everything the ratings room keeps, by what it is about."""

from ratings.models.assignments import (
    Assignment,
    ControlAnswer,
    Play,
    Rating,
    Rendition,
)
from ratings.models.controls import Control, ControlSound
from ratings.models.decisions import Decision, Trace
from ratings.models.studies import Item, Session, Study

__all__ = [
    "Assignment",
    "Control",
    "ControlAnswer",
    "ControlSound",
    "Decision",
    "Item",
    "Play",
    "Rating",
    "Rendition",
    "Session",
    "Study",
    "Trace",
]
