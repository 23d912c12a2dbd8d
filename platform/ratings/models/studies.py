"""Listening studies, their items, and the raters' sessions."""

from django.db import models

from people.models import ConsentText, Participant
from recordings.models import Campaign, Stamp
from separation.models import Run


class Study(models.Model):
    """A listening test over the runs of one campaign; locked by its first vote."""

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
    most_ratings_per_estimate = models.PositiveSmallIntegerField(
        default=0, help_text="Top-up where intervals are wide, up to this; 0: none"
    )
    target_half_width = models.FloatField(
        default=0.5, help_text="No top-up once an item's interval is this narrow"
    )
    budget_items = models.PositiveIntegerField(
        null=True, blank=True, help_text="Rated items at most; empty: no limit"
    )
    items_per_session = models.PositiveSmallIntegerField(default=10)
    controls_per_session = models.PositiveSmallIntegerField(
        default=2, help_text="Sounds with a known answer, mixed in unseen"
    )
    repeats_per_session = models.PositiveSmallIntegerField(
        default=1, help_text="Items heard a second time, mixed in unseen"
    )
    created_at = models.DateTimeField()
    judged_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.title

    @property
    def recordings_per_session(self) -> int:
        """What a rater hears: items, controls and repeats alike."""
        unseen = self.controls_per_session + self.repeats_per_session
        return self.items_per_session + unseen


class Item(models.Model):
    """A run to be rated in a study: a mixture and its estimates."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="items")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="items")
    stratum = models.CharField(
        max_length=40, blank=True, help_text="Raters meet the strata in turn"
    )

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
    contributors = models.ManyToManyField(
        Participant,
        blank=True,
        related_name="+",
        help_text="Pairs this rater recorded with: their mixtures are not rated",
    )
    running_order = models.JSONField(
        default=list, help_text="item, control or repeat, by position"
    )
    stamp = models.OneToOneField(Stamp, on_delete=models.PROTECT, null=True, blank=True)
    is_used = models.BooleanField(
        default=True, db_index=True, help_text="Whether the scores count"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.participant} in {self.study}"
