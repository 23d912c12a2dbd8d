"""What was decided about a rater's pay and scores, by whom and why; and traces."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ratings.models.studies import Session


class Decision(models.Model):
    """One step in the record of a session; undone ones stay, marked so.

    Pay and use are two questions: somebody may be paid whose scores are not used.
    """

    class Outcome(models.TextChoices):
        PAY = "pay", "the work is paid"
        REFUSE = "refuse", "pay is refused"
        USE = "use", "the scores are used"
        EXCLUDE = "exclude", "the scores are not used"

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="decisions"
    )
    outcome = models.CharField(max_length=8, choices=Outcome)
    rule = models.CharField(max_length=40, help_text="manual, or the rule that spoke")
    reason = models.TextField()
    evidence = models.JSONField(default=dict, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: the rules",
    )
    decided_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="refuse") | Q(decided_by__isnull=False),
                name="only_a_person_refuses_pay",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""), name="decisions_have_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.session}"


class Trace(models.Model):
    """Keyed hashes of where a session was used from; deleted after the study."""

    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="traces"
    )
    address = models.CharField(max_length=16, help_text="Of the network address")
    browser = models.CharField(max_length=16, help_text="Of what the browser says")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "address", "browser"], name="one_trace_per_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.session} from {self.address}"
