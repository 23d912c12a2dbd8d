"""What raters were given, what they fetched, and what they answered."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from ratings.models.controls import Control, ControlSound
from ratings.models.studies import Item, Session
from separation.models import Estimate


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def live(self, *, now: datetime) -> "AssignmentQuerySet":
        """Being rated: leased and not past the lease."""
        return self.filter(state=Assignment.State.LEASED, lease_until__gt=now)

    def expire(self, *, now: datetime) -> int:
        """Give back what nobody sent in time; how many were."""
        late = self.filter(state=Assignment.State.LEASED, lease_until__lte=now)
        return late.update(state=Assignment.State.EXPIRED)


class Assignment(models.Model):
    """One item or control leased to one rater."""

    class State(models.TextChoices):
        LEASED = "leased"
        SUBMITTED = "submitted"
        EXPIRED = "expired"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="assignments"
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
    )
    control = models.ForeignKey(
        Control,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
    )
    is_repeat = models.BooleanField(
        default=False, help_text="The item once more, to see how steady the rater is"
    )
    state = models.CharField(max_length=10, choices=State, default=State.LEASED)
    position = models.PositiveSmallIntegerField(help_text="1, 2, ... in the session")
    leased_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "item", "is_repeat"],
                name="a_rater_hears_an_item_once",
            ),
            models.UniqueConstraint(
                fields=["session", "control"], name="a_rater_hears_a_control_once"
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=False, control__isnull=True)
                | Q(item__isnull=True, control__isnull=False, is_repeat=False),
                name="an_item_or_a_control",
            ),
            models.UniqueConstraint(
                fields=["session", "position"], name="positions_are_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.control} for {self.session.participant}"

    @property
    def seconds(self) -> float:
        """How long each of its sounds lasts."""
        return self.control.seconds if self.control else self._item.run.mixture.seconds

    @property
    def mixture_audio(self) -> str:
        """The object of the mixture."""
        return self.control.audio if self.control else str(self._item.run.mixture.audio)

    @property
    def _item(self) -> Item:
        assert self.item, "an assignment has an item or a control (constraint)"
        return self.item


class Play(models.Model):
    """One sound of an assignment under an opaque key: the mixture or a source."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="plays"
    )
    estimate = models.ForeignKey(
        Estimate, on_delete=models.PROTECT, null=True, help_text="Of an item's source"
    )
    control_sound = models.ForeignKey(
        ControlSound,
        on_delete=models.PROTECT,
        null=True,
        help_text="Of a control's source",
    )
    position = models.PositiveSmallIntegerField(help_text="0: mixture; then as shown")
    key = models.CharField(max_length=32, unique=True)
    served_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "position"], name="one_play_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assignment}, sound {self.position}"

    @property
    def audio(self) -> str:
        """The object it is rendered from."""
        if self.control_sound:
            return self.control_sound.audio
        if self.estimate:
            return str(self.estimate.audio)
        return self.assignment.mixture_audio


class Rendition(models.Model):
    """A loudness-matched copy of an object, made for listening and kept."""

    source = models.CharField(max_length=200, help_text="Object it was made from")
    recipe = models.CharField(max_length=40, help_text="How it was made")
    audio = models.FileField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "recipe"], name="one_rendition_per_recipe"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} as {self.recipe}"


class Rating(models.Model):
    """A score from 1 to 5 for one estimate within an assignment."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="ratings"
    )
    estimate = models.ForeignKey(
        Estimate, on_delete=models.PROTECT, related_name="ratings"
    )
    score = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__range=(1, 5)), name="score_is_1_to_5"
            ),
            models.UniqueConstraint(
                fields=["assignment", "estimate"], name="one_rating_per_estimate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.estimate}"


class ControlAnswer(models.Model):
    """A score for a source of a control; never part of any result."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="control_answers"
    )
    sound = models.ForeignKey(
        ControlSound, on_delete=models.PROTECT, related_name="answers"
    )
    score = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__range=(1, 5)), name="control_score_is_1_to_5"
            ),
            models.UniqueConstraint(
                fields=["assignment", "sound"], name="one_answer_per_sound"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} for {self.sound}"
