"""Who pasted which work stamp where."""

from django.db import models

from recordings.models import Stamp


class Redemption(models.Model):
    """A stamp redeemed once, by one worker for one assignment of a marketplace."""

    stamp = models.OneToOneField(
        Stamp, on_delete=models.PROTECT, related_name="redemption"
    )
    worker = models.CharField(max_length=64, help_text="The marketplace's pseudonym")
    assignment = models.CharField(max_length=64)
    redeemed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "assignment"], name="one_stamp_per_assignment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stamp} by {self.worker}"
