"""What raters send: their consent, and one score per source."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ratings.models import Decision

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


class PlanForm(forms.Form):
    """The size and pay of a study that is planned."""

    separators = forms.IntegerField(min_value=1, max_value=1000, initial=4)
    mixtures = forms.IntegerField(min_value=1, max_value=100_000, initial=60)
    items_per_session = forms.IntegerField(min_value=1, max_value=200, initial=10)
    controls_per_session = forms.IntegerField(
        min_value=0, max_value=50, initial=3, help_text=_("Repeats included")
    )
    seconds = forms.FloatField(
        min_value=0.5, max_value=60, initial=6, help_text=_("Of one mixture")
    )
    pay = forms.DecimalField(
        min_value=0, max_digits=8, decimal_places=2, initial=2, help_text=_("A session")
    )
    fee = forms.DecimalField(
        min_value=0,
        max_digits=4,
        decimal_places=2,
        initial="0.20",
        help_text=_("Of the marketplace, as a share of the pay"),
    )
    half_width = forms.FloatField(
        min_value=0.05,
        max_value=4,
        initial=0.5,
        label=_("Interval wanted for an item, plus or minus"),
    )
    gap = forms.FloatField(
        min_value=0.05,
        max_value=4,
        initial=0.4,
        label=_("MOS difference of two separators that should show"),
    )


class DecisionForm(forms.Form):
    """What staff decide about a rater, and why."""

    session = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=Decision.Outcome)
    reason = forms.CharField(
        max_length=500,
        error_messages={
            "required": _("No reason was given; the rater may ask. Write what you saw.")
        },
    )


class UndoForm(forms.Form):
    undo = forms.IntegerField(widget=forms.HiddenInput)
