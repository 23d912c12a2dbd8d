"""What raters send: their consent, and one score per source."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SCORES = [(score, str(score)) for score in range(1, 6)]
NAMES = "ABCDEFGH"


def source_name(position: int) -> str:
    """`Source A` for the first one shown."""
    return gettext("Source %(letter)s") % {"letter": NAMES[position - 1]}


class ConsentForm(forms.Form):
    agrees = forms.BooleanField(
        label=_("I have read this and agree to take part."),
        error_messages={
            "required": _(
                "The box is not ticked; ratings need your agreement. Please tick it if "
                "you agree."
            )
        },
    )


class ScoresForm(forms.Form):
    """One field per source: score_1, score_2, ... by position as shown."""

    position = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data: Any = None, *, sources: int) -> None:
        super().__init__(data)
        self.sources = range(1, sources + 1)
        for number in self.sources:
            refusal = gettext(
                "%(source)s has no score from 1 to 5. Please listen and choose one."
            ) % {"source": source_name(number)}
            self.fields[f"score_{number}"] = forms.TypedChoiceField(
                choices=SCORES,
                coerce=int,
                error_messages={"required": refusal, "invalid_choice": refusal},
            )

    def scores(self) -> dict[int, int]:
        return {number: self.cleaned_data[f"score_{number}"] for number in self.sources}
