"""What contributors send us besides sound."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Answers
from recordings import campaigns, incoming
from recordings.models import Campaign, SetUp


class ConsentForm(forms.Form):
    """Both speakers agree to exactly the text that was shown."""

    speaker_1 = forms.BooleanField(
        label=_("Speaker A: I have read this and I agree"),
        error_messages={"required": _("Speaker A has to agree before you record.")},
    )
    speaker_2 = forms.BooleanField(
        label=_("Speaker B: I have read this and I agree"),
        error_messages={"required": _("Speaker B has to agree before you record.")},
    )
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, campaign: Campaign) -> None:
        self.shown = campaign.consent_text.sha256
        super().__init__(data, initial={"version": self.shown})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("version") != self.shown:
            self.data = {"version": self.shown}  # both have to tick again
            raise forms.ValidationError(
                _("The text has changed since you opened this page. Read it again.")
            )
        return values


def _choice(label: Any, choices: type[models.TextChoices]) -> forms.ChoiceField:
    unsaid = [("", _("prefer not to say"))]
    return forms.ChoiceField(
        label=label, choices=[*unsaid, *choices.choices], required=False
    )


class SpeakerForm(forms.Form):
    """What one speaker tells of herself, if she likes."""

    use_required_attribute = False
    gender = _choice(_("Gender"), Answers.Gender)
    age = _choice(_("Age"), Answers.Age)
    native_language = forms.CharField(
        label=_("Native language"), max_length=40, required=False
    )
    accent = forms.CharField(label=_("Accent or region"), max_length=60, required=False)


class PlaceForm(forms.Form):
    """Where and with what the pair records."""

    distance = _choice(_("From your mouths to the microphone"), SetUp.Distance)
    room = _choice(_("Where you are"), SetUp.Room)
    device = _choice(_("The microphone"), SetUp.Device)


class MicrophoneForm(forms.Form):
    """What the microphone check found."""

    level_db = forms.FloatField(min_value=-200, max_value=0)
    floor_db = forms.FloatField(min_value=-200, max_value=0)
    faults = forms.CharField(max_length=100, required=False)
    capture = forms.JSONField(required=False)


class TicketForm(forms.Form):
    """A recording is announced by the hash of its bytes, and by their type."""

    sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False)
    type = forms.ChoiceField(
        choices=[(name, name) for name in incoming.CONTENT_TYPES], required=False
    )


class FinishForm(forms.Form):
    """An upload is complete: the ticket's receipt, and what the browser did."""

    receipt = forms.CharField(max_length=500)
    capture = forms.JSONField(required=False)


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """Staff write the words people agree to, and the sentences, one per line."""

    consent_body = forms.CharField(
        label="consent text",
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="What both speakers agree to. Changed words are a new version.",
    )
    new_prompts = forms.CharField(
        label="add sentences",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One per line; those that are there already stay.",
    )

    class Meta:
        model = Campaign
        exclude = ["consent_text", "created_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["consent_body"] = self.instance.consent_text.body

    def clean_new_prompts(self) -> str:
        text: str = self.cleaned_data["new_prompts"]
        try:
            campaigns.sentences(text)
        except ValueError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return text
