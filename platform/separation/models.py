"""Separators, runs (the row is the truth), estimates and predicted scores."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F

from recordings.models import Mixture

ATTEMPTS = 3  # then a run waits for a person


class Separator(models.Model):
    """A row per registered separator, kept in step by `manage.py sync_models`."""

    name = models.SlugField(unique=True)
    title = models.CharField(max_length=80)
    revision = models.CharField(max_length=64, help_text="Hash of weights and settings")
    architecture = models.CharField(max_length=80)
    parameters = models.PositiveBigIntegerField()
    sample_rate = models.PositiveIntegerField(help_text="Hz")
    sources = models.PositiveSmallIntegerField(default=2)
    training_data = models.CharField(max_length=300)
    licence = models.CharField(max_length=120)
    citation = models.TextField(blank=True)
    is_active = models.BooleanField(default=True, help_text="Separates new mixtures.")

    def __str__(self) -> str:
        return self.title


class Estimator(models.Model):
    """A blind SI-SNR estimator."""

    name = models.SlugField()
    revision = models.CharField(max_length=64)
    low_db = models.FloatField(help_text="Lower limit of its predictions")
    high_db = models.FloatField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "revision"], name="one_estimator_per_revision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.revision[:8]}"


class RunQuerySet(models.QuerySet["Run"]):
    def queued(self) -> "RunQuerySet":
        return self.filter(state=Run.State.QUEUED)

    def expired(self, *, now: datetime) -> "RunQuerySet":
        """Running on paper only: the worker stopped prolonging its lease."""
        return self.filter(state=Run.State.RUNNING, lease_until__lt=now)

    def claimable(self, *, now: datetime) -> "RunQuerySet":
        waiting = self.queued() | self.expired(now=now)
        return waiting.filter(attempt__lt=F("attempts_allowed"), cancel_requested=False)

    def current(self) -> "RunQuerySet":
        """Of the separators as they are now, not of an earlier revision."""
        return self.filter(separator_revision=F("separator__revision"))


class Run(models.Model):
    """One separator on one mixture. Every state change is one guarded UPDATE."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    mixture = models.ForeignKey(Mixture, on_delete=models.PROTECT, related_name="runs")
    separator = models.ForeignKey(
        Separator, on_delete=models.PROTECT, related_name="runs"
    )
    input_sha256 = models.CharField(
        max_length=64, help_text="Of mixture audio and separator revision"
    )
    separator_revision = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Only ever grows: it tells late workers apart"
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        default=ATTEMPTS, help_text="Trying again by hand allows more"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    cancel_requested = models.BooleanField(default=False)
    failure = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    announced_at = models.DateTimeField(
        null=True, blank=True, help_text="Last wake-up sent to the broker"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    separation_seconds = models.FloatField(
        null=True, blank=True, help_text="Time the separator took, without loading"
    )
    device = models.CharField(max_length=20, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mixture", "separator", "input_sha256"],
                name="one_run_per_input",
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.separator} on {self.mixture}"

    def claim(self, *, worker: str, lease: timedelta, now: datetime) -> bool:
        """Start the next attempt; false if another worker was first."""
        claimed = (
            Run.objects.claimable(now=now)
            .filter(pk=self.pk)
            .update(
                state=Run.State.RUNNING,
                attempt=F("attempt") + 1,
                lease_until=now + lease,
                worker=worker,
                started_at=now,
                failure="",
            )
        )
        if claimed == 1:
            self.refresh_from_db()
        return claimed == 1

    def heartbeat(self, *, lease: timedelta, now: datetime) -> bool:
        """Prolong the lease; false when cancelled or taken over: stop working."""
        return self._mine().update(lease_until=now + lease) == 1

    def _mine(self) -> "RunQuerySet":
        """This attempt, still running and wanted."""
        return Run.objects.filter(
            pk=self.pk,
            attempt=self.attempt,
            state=Run.State.RUNNING,
            cancel_requested=False,
        )

    def close(self, state: "Run.State", *, now: datetime, **fields: object) -> bool:
        """End this attempt; false, and nothing is written, if it is no longer ours."""
        values = {"finished_at": now, "lease_until": None, **fields, "state": state}
        return self._mine().update(**values) == 1


class Estimate(models.Model):
    """What a separator returned for one source, with its scores."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="estimates")
    source = models.PositiveSmallIntegerField(help_text="1, 2, ...")
    audio = models.FileField(max_length=200, help_text="FLAC, named by its content")
    sha256 = models.CharField(max_length=64)
    gain_db = models.FloatField(
        default=0.0, help_text="Gain applied so that the file does not clip"
    )
    is_silent = models.BooleanField(
        default=False, help_text="No output: more than 60 dB below the mixture"
    )
    measured_si_snr_db = models.FloatField(
        null=True, blank=True, help_text="Against the reference of a synthetic mixture"
    )
    mixture_si_snr_db = models.FloatField(
        null=True, blank=True, help_text="Of the mixture itself, same reference"
    )
    reference_source = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Which reference PIT assigned"
    )

    class Meta:
        ordering = ["source"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "source"], name="one_estimate_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run}, source {self.source}"


class Prediction(models.Model):
    """A blindly predicted SI-SNR of one estimate by one estimator."""

    estimate = models.ForeignKey(
        Estimate, on_delete=models.CASCADE, related_name="predictions"
    )
    estimator = models.ForeignKey(Estimator, on_delete=models.PROTECT)
    predicted_si_snr_db = models.FloatField()
    std_db = models.FloatField()
    is_in_domain = models.BooleanField()
    curve_db = models.JSONField(default=list, help_text="Over time")
    curve_rate = models.FloatField(default=1.0, help_text="Frames of the curve per s")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["estimate", "estimator"], name="one_prediction_per_estimator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.predicted_si_snr_db:.1f} dB for {self.estimate}"
