"""What staff type to look up or redeem a stamp."""

from django import forms


class StampForm(forms.Form):
    stamp = forms.CharField(
        max_length=64,
        help_text="As it was pasted; blanks, case and dashes do not matter.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class RedeemForm(StampForm):
    worker = forms.CharField(
        max_length=64, help_text="The marketplace's pseudonym of the worker."
    )
    assignment = forms.CharField(
        max_length=64, help_text="The marketplace's number of the assignment."
    )
