"""Campaigns, prompts, sessions, takes, mixtures, references, stamps, inspections."""

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models import ConsentText, Participant, User

INSPECTION_ATTEMPTS = 3  # then a person listens


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
    min_overlap = models.FloatField(
        default=0.3,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="Share of the speech in which both voices must be heard.",
    )
    demands_raw = models.BooleanField(
        default=False, help_text="Refuse takes with the browser's voice processing on."
    )
    reward = models.CharField(
        max_length=200, blank=True, help_text="What is paid, as contributors read it."
    )
    has_solo_takes = models.BooleanField(
        default=True,
        help_text="First each voice alone and two seconds of silence.",
    )
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


class MixtureQuerySet(models.QuerySet["Mixture"]):
    def accepted(self) -> "MixtureQuerySet":
        """Those that separators may have: inspected and found good, or synthetic."""
        return self.filter(verdict=Mixture.Verdict.ACCEPT)


class Mixture(models.Model):
    """What one microphone heard of two speakers: original bytes and mono copy."""

    class Verdict(models.TextChoices):
        PENDING = "pending", "not inspected yet"
        ACCEPT = "accept", "accepted"
        REVIEW = "review", "a person has to listen"
        REFUSE = "refuse", "refused"

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
    verdict = models.CharField(
        max_length=10, choices=Verdict, default=Verdict.PENDING, db_index=True
    )
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who decided; empty if the inspection did.",
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = MixtureQuerySet.as_manager()

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

    @property
    def subject(self) -> str:
        """What its upload and its stamp are for."""
        return f"take:{self.pk}"


class SoloTake(models.Model):
    """One voice alone, or the silent room: no mixture, never separated, no stamp.

    Made when it is asked for, so that its sentence stays; recorded later.
    """

    class Part(models.TextChoices):
        SILENCE = "silence", "the silent room"
        SPEAKER_A = "speaker-1", "speaker A alone"
        SPEAKER_B = "speaker-2", "speaker B alone"

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="solo_takes"
    )
    part = models.CharField(max_length=10, choices=Part)
    prompt = models.ForeignKey(
        Prompt, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    original = models.FileField(max_length=200, blank=True)
    audio = models.FileField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    sample_rate = models.PositiveIntegerField(default=0, help_text="Hz")
    seconds = models.FloatField(default=0)
    level_db = models.FloatField(default=0, help_text="RMS, dB of full scale")
    peak_db = models.FloatField(default=0, help_text="Peak, dB of full scale")
    capture = models.JSONField(default=dict, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "part"], name="one_solo_take_per_part"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True) | ~Q(audio=""),
                name="recorded_solo_takes_have_audio",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}, {self.get_part_display()}"

    @property
    def subject(self) -> str:
        """What its upload is for."""
        return f"solo:{self.pk}"


class SetUp(models.Model):
    """Where and with what a session records, as its speakers told."""

    class Distance(models.TextChoices):
        NEAR = "near", _("less than half a meter")
        ARM = "arm", _("about a meter")
        FAR = "far", _("farther")

    class Room(models.TextChoices):
        SMALL = "small", _("a small room")
        LARGE = "large", _("a large room")
        CAR = "car", _("a car")
        OUTSIDE = "outside", _("outside")

    class Device(models.TextChoices):
        PHONE = "phone", _("a phone or tablet")
        LAPTOP = "laptop", _("a laptop’s own microphone")
        EXTERNAL = "external", _("a microphone on the table")
        HEADSET = "headset", _("a headset")

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, related_name="set_up"
    )
    distance = models.CharField(max_length=10, choices=Distance, blank=True)
    room = models.CharField(max_length=10, choices=Room, blank=True)
    device = models.CharField(max_length=10, choices=Device, blank=True)
    microphone = models.JSONField(
        default=dict, blank=True, help_text="What the last microphone check found."
    )
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.session}: {self.get_device_display() or 'no answer'}"


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def claimable(self, *, now: datetime) -> "InspectionQuerySet":
        waiting = self.filter(state=Inspection.State.QUEUED) | self.expired(now=now)
        return waiting.filter(attempt__lt=F("attempts_allowed"))

    def expired(self, *, now: datetime) -> "InspectionQuerySet":
        """Running on paper only: its worker has gone."""
        return self.filter(state=Inspection.State.RUNNING, lease_until__lt=now)


class Inspection(models.Model):
    """One version of the checks on one mixture, with all that was found."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    mixture = models.ForeignKey(
        Mixture, on_delete=models.CASCADE, related_name="inspections"
    )
    version = models.CharField(max_length=20, help_text="Of the checks")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(
        default=0, help_text="Only ever grows: it tells late workers apart"
    )
    attempts_allowed = models.PositiveSmallIntegerField(default=INSPECTION_ATTEMPTS)
    lease_until = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True)
    verdict = models.CharField(max_length=10, choices=Mixture.Verdict, blank=True)
    reasons = models.JSONField(default=list, blank=True, help_text="In plain words")
    checks = models.JSONField(
        default=list, blank=True, help_text="Name, value, unit, verdict, advice of each"
    )
    details = models.JSONField(default=dict, blank=True, help_text="Behind the checks")
    duplicate_of = models.ForeignKey(
        Mixture, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    seconds = models.FloatField(null=True, blank=True, help_text="It took so long")

    objects = InspectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mixture", "version"], name="one_inspection_per_version"
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"Inspection {self.version} of {self.mixture}"


class Landmark(models.Model):
    """A pair of spectral peaks of a mixture: finds the same sound again."""

    mixture = models.ForeignKey(
        Mixture, on_delete=models.CASCADE, related_name="landmarks"
    )
    mark = models.PositiveIntegerField(help_text="Both frequencies and their distance")
    frame = models.PositiveIntegerField(help_text="When, in steps of 32 ms")

    class Meta:
        indexes = [models.Index(fields=["mark"])]

    def __str__(self) -> str:
        return f"{self.mark} at {self.frame} of {self.mixture}"
