"""Forms for accounts that are known by their e-mail address."""

from django.contrib.auth.forms import UserChangeForm, UserCreationForm

from people.models import User


class AccountCreationForm(UserCreationForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["email"]
        field_classes: dict[str, type] = {}


class AccountChangeForm(UserChangeForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type] = {}
