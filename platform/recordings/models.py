"""Campaigns and their prompts; sessions, takes, mixtures, references, work stamps."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from people.models import ConsentText, Participant


class Campaign(models.Model):
    """A call for recordings under one protocol."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=10, default="en")
    consent_text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    takes_per_session = models.PositiveSmallIntegerField(default=5)
    min_seconds = models.FloatField(default=1.5)
    max_seconds = models.FloatField(default=20.0)
    is_open = models.BooleanField(default=False)
    is_demo = models.BooleanField(
        default=False, help_text="Synthesized data shipped with Crosstalk."
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.title


class Prompt(models.Model):
    """A sentence to be read aloud."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="prompts"
    )
    text = models.CharField(max_length=300)
    licence = models.CharField(max_length=40, default="CC0-1.0")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "text"], name="one_prompt_per_text"
            )
        ]

    def __str__(self) -> str:
        return self.text


class Stamp(models.Model):
    """A work stamp: proof of one accepted piece of work, pasted to be paid."""

    class State(models.TextChoices):
        ISSUED = "issued"
        REDEEMED = "redeemed"
        PAID = "paid"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    code = models.CharField(max_length=32, unique=True)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT)
    subject = models.CharField(
        max_length=80, unique=True, help_text="What it was issued for, e.g. take:12."
    )
    state = models.CharField(max_length=10, choices=State, default=State.ISSUED)
    issued_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.code


class Session(models.Model):
    """One pair of speakers working on one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT)
    participant = models.OneToOneField(Participant, on_delete=models.PROTECT)
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.campaign} by {self.participant}"


class Mixture(models.Model):
    """What one microphone heard of two speakers: original bytes and mono copy."""

    class Kind(models.TextChoices):
        REAL = "real", "real recording"
        SYNTHETIC = "synthetic", "synthetic, references known"

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="mixtures"
    )
    slug = models.SlugField(
        max_length=40, unique=True, help_text="Public name, says nothing about people."
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REAL)
    original = models.FileField(max_length=200, help_text="Untouched upload.")
    audio = models.FileField(max_length=200, help_text="Mono FLAC, own sample rate.")
    sha256 = models.CharField(max_length=64, help_text="Of the original bytes.")
    sample_rate = models.PositiveIntegerField(help_text="Hz")
    seconds = models.FloatField()
    level_db = models.FloatField(help_text="RMS, dB of full scale")
    peak_db = models.FloatField(help_text="Peak, dB of full scale")
    capture = models.JSONField(
        default=dict, blank=True, help_text="What the browser said it did."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sha256"], name="one_mixture_per_upload"
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Reference(models.Model):
    """A source of a synthetic mixture, used as ground truth: the image as heard."""

    mixture = models.ForeignKey(
        Mixture, on_delete=models.CASCADE, related_name="references"
    )
    source = models.PositiveSmallIntegerField(help_text="1, 2, ...")
    audio = models.FileField(max_length=200)
    prompt = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["source"]
        constraints = [
            models.UniqueConstraint(
                fields=["mixture", "source"], name="one_reference_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.mixture} source {self.source}"


class TakeQuerySet(models.QuerySet["Take"]):
    def open(self, *, now: datetime) -> "TakeQuerySet":
        """Leased, not yet recorded, and not expired."""
        return self.filter(state=Take.State.LEASED, lease_until__gt=now)


class Take(models.Model):
    """Two prompts leased to a session, and the mixture recorded from them."""

    class State(models.TextChoices):
        LEASED = "leased"
        RECORDED = "recorded"
        EXPIRED = "expired"

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="takes")
    number = models.PositiveSmallIntegerField(help_text="1, 2, ... in the session")
    prompt_1 = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    prompt_2 = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.LEASED)
    lease_until = models.DateTimeField()
    mixture = models.OneToOneField(
        Mixture, on_delete=models.PROTECT, null=True, blank=True, related_name="take"
    )
    stamp = models.OneToOneField(
        Stamp, on_delete=models.PROTECT, null=True, blank=True, related_name="take"
    )

    objects = TakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"], name="take_numbers_are_unique"
            ),
            models.CheckConstraint(
                condition=~Q(prompt_1=models.F("prompt_2")),
                name="two_different_prompts",
            ),
            models.CheckConstraint(
                condition=~Q(state="recorded")
                | Q(mixture__isnull=False, stamp__isnull=False),
                name="recorded_takes_have_mixture_and_stamp",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}, take {self.number}"
