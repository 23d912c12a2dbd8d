"""Studies are made and steered here; what raters did can only be read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now

from ratings import consent, judging, studies
from ratings.models import Control, Decision, Item, Session, Study


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "campaign", "state", "ratings_per_estimate"]
    list_filter = ["state", "campaign"]
    prepopulated_fields = {"slug": ["title"]}
    readonly_fields = ["state", "consent_text", "created_at"]
    actions = ["open_and_fill", "pause", "close", "judge"]

    def view_on_site(self, obj: Study) -> str:
        """The page with progress, raters and decisions."""
        return reverse("ratings:study", args=[obj.slug])

    def has_change_permission(
        self, request: HttpRequest, obj: Study | None = None
    ) -> bool:
        """A study with votes can be looked at and moved on, not edited."""
        is_locked = obj is not None and studies.has_begun(obj)
        return super().has_change_permission(request, obj) and not is_locked

    def save_model(
        self, request: HttpRequest, obj: Study, form: "ModelForm[Study]", change: bool
    ) -> None:
        if not change:
            obj.created_at = now()
            obj.consent_text = consent.to_rate(now=obj.created_at)
        super().save_model(request, obj, form, change)

    @admin.action(description="Open, with an item for each finished run")
    def open_and_fill(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        self._each(request, queryset, studies.open_)

    @admin.action(description="Pause: give out no more items")
    def pause(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        self._each(request, queryset, studies.pause)

    @admin.action(description="Close for good")
    def close(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        self._each(request, queryset, studies.close)

    @admin.action(description="Judge raters now: whose scores are used")
    def judge(self, request: HttpRequest, queryset: QuerySet[Study]) -> None:
        changed = sum(judging.judge(study, now=now()) for study in queryset)
        self.message_user(request, f"{changed} decisions changed.")

    def _each(self, request: HttpRequest, chosen: QuerySet[Study], move: Any) -> None:
        for study in chosen:
            try:
                move(study)
            except studies.StudyClosed as refusal:
                self.message_user(request, str(refusal), messages.WARNING)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only the site itself writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ["study", "run"]
    list_filter = ["study"]
    list_select_related = ["study", "run__separator", "run__mixture"]


@admin.register(Session)
class SessionAdmin(ReadOnly):
    list_display = [
        "participant",
        "study",
        "is_used",
        "started_at",
        "finished_at",
        "stamp",
    ]
    list_filter = ["study", "is_used", "participant__is_simulated"]
    list_select_related = ["study", "participant", "stamp"]


@admin.register(Control)
class ControlAdmin(ReadOnly):
    list_display = ["pk", "study", "kind", "seconds"]
    list_filter = ["study", "kind"]


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    list_display = ["session", "outcome", "rule", "reason", "decided_by", "undone_at"]
    list_filter = ["session__study", "outcome", "rule"]
    list_select_related = ["session__participant", "session__study", "decided_by"]
