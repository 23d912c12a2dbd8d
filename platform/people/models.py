"""Accounts, pseudonymous participants, what each consented to and told."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Accounts(UserManager["User"]):
    """Creates accounts that are known by their e-mail address."""

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: object
    ) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: object
    ) -> "User":
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )


class User(AbstractUser):
    """A researcher or a member of staff; contributors and raters have no account."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = Accounts()  # type: ignore[misc]


class ConsentText(models.Model):
    """One version of a consent text, known by the hash of its words."""

    class Purpose(models.TextChoices):
        RECORD = "record", "to be recorded"
        RATE = "rate", "to rate recordings"

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose)
    language = models.CharField(max_length=10, default="en")
    body = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} ({self.language}) {self.sha256[:8]}"


class Participant(models.Model):
    """A contributor (a pair of speakers) or a rater, known only by a private link."""

    class Role(models.TextChoices):
        CONTRIBUTOR = "contributor", "contributor"
        RATER = "rater", "rater"

    role = models.CharField(max_length=12, choices=Role)
    pseudonym = models.CharField(max_length=16, unique=True)
    link_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    is_simulated = models.BooleanField(
        default=False, help_text="Made by the demo, not a person."
    )
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.pseudonym


class Consent(models.Model):
    """One person's agreement to one version of a text."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="consents"
    )
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT)
    person = models.PositiveSmallIntegerField(
        default=1, help_text="1 or 2: which of the two speakers; raters are always 1."
    )
    agreed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "text", "person"], name="one_consent_per_person"
            ),
            models.CheckConstraint(
                condition=Q(person__in=(1, 2)), name="consent_person_is_1_or_2"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} person {self.person}: {self.text}"


class Answers(models.Model):
    """What one speaker told of herself; every answer may be left out."""

    class Gender(models.TextChoices):
        FEMALE = "female", _("a woman")
        MALE = "male", _("a man")
        OTHER = "other", _("neither, or both")

    class Age(models.TextChoices):
        FROM_18 = "18-24", _("18 to 24")
        FROM_25 = "25-34", _("25 to 34")
        FROM_35 = "35-44", _("35 to 44")
        FROM_45 = "45-54", _("45 to 54")
        FROM_55 = "55-64", _("55 to 64")
        FROM_65 = "65-", _("65 or older")

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="answers"
    )
    person = models.PositiveSmallIntegerField(help_text="1 or 2: which speaker.")
    gender = models.CharField(max_length=10, choices=Gender, blank=True)
    age = models.CharField(max_length=10, choices=Age, blank=True)
    native_language = models.CharField(max_length=40, blank=True)
    accent = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "answers"
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "person"], name="one_answer_per_person"
            ),
            models.CheckConstraint(
                condition=Q(person__in=(1, 2)), name="answering_person_is_1_or_2"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant} person {self.person}"
