"""Staff's view of accounts, consent texts and pseudonymous participants."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from people.forms import AccountChangeForm, AccountCreationForm
from people.models import Answers, Consent, ConsentText, Participant, User


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]
    form = AccountChangeForm
    add_form = AccountCreationForm
    ordering = ["email"]
    list_display = ["email", "is_staff", "is_active", "last_login"]
    search_fields = ["email", "first_name", "last_name"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Name", {"fields": ["first_name", "last_name"]}),
        (
            "Rights",
            {
                "fields": [
                    "is_active",
                    "is_staff",
                    "is_superuser",
                    "groups",
                    "user_permissions",
                ]
            },
        ),
    ]
    add_fieldsets = [(None, {"fields": ["email", "password1", "password2"]})]


@admin.register(ConsentText)
class ConsentTextAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Texts are versions: read here, written by making a campaign or a study."""

    list_display = ["sha256", "purpose", "language", "created_at"]
    list_filter = ["purpose", "language"]
    readonly_fields = ["sha256", "purpose", "language", "body", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ConsentInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Consent
    extra = 0
    readonly_fields = ["text", "person", "agreed_at"]
    can_delete = False

    def has_add_permission(  # type: ignore[override]
        self, request: HttpRequest, obj: object
    ) -> bool:
        return False


class AnswersInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Answers
    extra = 0
    readonly_fields = [
        "person",
        "gender",
        "age",
        "native_language",
        "accent",
        "answered_at",
    ]
    can_delete = False

    def has_add_permission(  # type: ignore[override]
        self, request: HttpRequest, obj: object
    ) -> bool:
        return False


@admin.register(Participant)
class ParticipantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["pseudonym", "role", "is_simulated", "created_at"]
    list_filter = ["role", "is_simulated"]
    search_fields = ["pseudonym"]
    readonly_fields = ["pseudonym", "role", "is_simulated", "created_at"]
    inlines = [ConsentInline, AnswersInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
