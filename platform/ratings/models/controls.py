"""Controls: sounds with a known answer, mixed in with what is rated."""

from django.db import models
from django.db.models import Q

from ratings.models.studies import Study


class Control(models.Model):
    """A mixture and its sources whose right scores are known to the server only."""

    class Kind(models.TextChoices):
        GOLD = "gold", "estimates that experts scored"
        TRAP = "trap", "a voice that says which score to give"
        LOW = "low", "the mixture itself: bad"
        HIGH = "high", "the clean references: excellent"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="controls")
    kind = models.CharField(max_length=5, choices=Kind)
    audio = models.CharField(max_length=200, help_text="Object of the mixture")
    seconds = models.FloatField()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} in {self.study}"


class ControlSound(models.Model):
    """One source of a control, and what a rater who listens would score."""

    control = models.ForeignKey(
        Control, on_delete=models.CASCADE, related_name="sounds"
    )
    source = models.PositiveSmallIntegerField(help_text="1, 2, ...")
    audio = models.CharField(max_length=200)
    expected = models.PositiveSmallIntegerField()
    tolerance = models.PositiveSmallIntegerField(
        default=1, help_text="Points off that still count as right"
    )

    class Meta:
        ordering = ["source"]
        constraints = [
            models.UniqueConstraint(
                fields=["control", "source"], name="one_sound_per_source"
            ),
            models.CheckConstraint(
                condition=Q(expected__range=(1, 5)), name="expected_is_1_to_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control}, source {self.source}"
