"""What contributors send us besides sound."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recordings.models import Campaign


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


class FinishForm(forms.Form):
    """An upload is complete: the ticket's receipt, and what the browser did."""

    receipt = forms.CharField(max_length=500)
    capture = forms.JSONField(required=False)
