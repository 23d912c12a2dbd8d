"""Listening studies: items, rater sessions, assignments, plays, ratings."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from people.models import ConsentText, Participant
from recordings.models import Campaign, Stamp
from separation.models import Estimate, Run


class Study(models.Model):
    """A listening test over the runs of one campaign."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"

    class Scale(models.TextChoices):
        OVERALL = "overall", "overall: separation and sound quality, 1 to 5"

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="studies"
    )
    consent_text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    scale = models.CharField(max_length=12, choices=Scale, default=Scale.OVERALL)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    ratings_per_estimate = models.PositiveSmallIntegerField(default=5)
    items_per_session = models.PositiveSmallIntegerField(default=10)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.title


class Item(models.Model):
    """A run to be rated in a study: a mixture and its estimates."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="items")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="items")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study", "run"], name="one_item_per_run")
        ]

    def __str__(self) -> str:
        return f"{self.run} in {self.study}"


class Session(models.Model):
    """One rater working on one study."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="sessions")
    participant = models.OneToOneField(
        Participant, on_delete=models.PROTECT, related_name="rating_session"
    )
    stamp = models.OneToOneField(Stamp, on_delete=models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.participant} in {self.study}"


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def live(self, *, now: datetime) -> "AssignmentQuerySet":
        """Being rated: leased and not past the lease."""
        return self.filter(state=Assignment.State.LEASED, lease_until__gt=now)

    def expire(self, *, now: datetime) -> int:
        """Give back what nobody sent in time; how many were."""
        late = self.filter(state=Assignment.State.LEASED, lease_until__lte=now)
        return late.update(state=Assignment.State.EXPIRED)


class Assignment(models.Model):
    """One item leased to one rater."""

    class State(models.TextChoices):
        LEASED = "leased"
        SUBMITTED = "submitted"
        EXPIRED = "expired"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="assignments"
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=State, default=State.LEASED)
    position = models.PositiveSmallIntegerField(help_text="1, 2, ... in the session")
    leased_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "item"], name="a_rater_hears_an_item_once"
            ),
            models.UniqueConstraint(
                fields=["session", "position"], name="positions_are_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} for {self.session.participant}"


class Play(models.Model):
    """One sound of an assignment under an opaque key: the mixture or an estimate."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="plays"
    )
    estimate = models.ForeignKey(
        Estimate, on_delete=models.PROTECT, null=True, help_text="Empty: the mixture"
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
