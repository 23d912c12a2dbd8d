"""Staff's view of campaigns, prompts, mixtures, takes and stamps."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now

from recordings import campaigns, inspections, objects, verdicts
from recordings.forms import CampaignForm
from recordings.models import (
    Campaign,
    Inspection,
    Mixture,
    Prompt,
    Reference,
    SetUp,
    SoloTake,
    Stamp,
    Take,
)


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["title", "slug", "language", "is_open", "is_demo", "created_at"]
    list_filter = ["is_open", "language", "is_demo"]
    prepopulated_fields = {"slug": ["title"]}
    form = CampaignForm

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: CampaignForm, change: bool
    ) -> None:
        told, time = form.cleaned_data, now()
        obj.consent_text = campaigns.consent_text(
            told["consent_body"], language=obj.language, now=time
        )
        obj.created_at = obj.created_at or time
        super().save_model(request, obj, form, change)
        campaigns.add_prompts(obj, told["new_prompts"])


@admin.register(Prompt)
class PromptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["text", "campaign", "licence"]
    list_filter = ["campaign"]
    search_fields = ["text"]


class Unchanged(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that work made: shown, never written by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ReferenceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Reference
    extra = 0
    readonly_fields = ["source", "audio", "prompt"]


@admin.register(Mixture)
class MixtureAdmin(Unchanged):
    list_display = [
        "slug",
        "campaign",
        "kind",
        "verdict",
        "seconds",
        "sample_rate",
        "level_db",
        "processing",
        "created_at",
    ]
    list_filter = ["verdict", "kind", "campaign"]
    search_fields = ["slug", "sha256"]
    inlines = [ReferenceInline]
    readonly_fields = ["player", "evidence"]
    actions = ["accept", "refuse", "inspect_again"]

    @admin.display(description="voice processing")
    def processing(self, mixture: Mixture) -> str:
        return str(mixture.capture.get("processing", "-"))

    @admin.display(description="listen")
    def player(self, mixture: Mixture) -> str:
        url = objects.signed_url(str(mixture.audio))
        return format_html('<audio controls preload="none" src="{}"></audio>', url)

    @admin.display(description="inspection")
    def evidence(self, mixture: Mixture) -> SafeString:
        shown = mixture.inspections.select_related("duplicate_of").order_by("-pk")
        return render_to_string("recordings/_inspections.html", {"inspections": shown})

    @admin.action(description="Accept (a person has listened)")
    def accept(self, request: HttpRequest, chosen: QuerySet[Mixture]) -> None:
        self._decide(request, chosen, Mixture.Verdict.ACCEPT)

    @admin.action(description="Refuse (a person has listened)")
    def refuse(self, request: HttpRequest, chosen: QuerySet[Mixture]) -> None:
        self._decide(request, chosen, Mixture.Verdict.REFUSE)

    @admin.action(description="Inspect again")
    def inspect_again(self, request: HttpRequest, chosen: QuerySet[Mixture]) -> None:
        for mixture in chosen:
            inspections.again(mixture, now=now())
        self.message_user(request, "They are inspected within a minute.")

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[Mixture], verdict: str
    ) -> None:
        for mixture in chosen:
            verdicts.decide(mixture, verdict, by=request.user, now=now())  # type: ignore[arg-type]
        self.message_user(request, "Your verdict is kept.", messages.SUCCESS)


@admin.register(Take)
class TakeAdmin(Unchanged):
    list_display = ["session", "number", "state", "mixture", "stamp", "lease_until"]
    list_filter = ["state", "session__campaign"]
    list_select_related = ["session__campaign", "session__participant", "mixture"]


@admin.register(SoloTake)
class SoloTakeAdmin(Unchanged):
    list_display = ["session", "part", "seconds", "level_db", "recorded_at"]
    list_filter = ["part", "session__campaign"]
    list_select_related = ["session__campaign", "session__participant"]


@admin.register(SetUp)
class SetUpAdmin(Unchanged):
    list_display = ["session", "device", "distance", "room", "answered_at"]
    list_filter = ["device", "distance", "room"]
    list_select_related = ["session__campaign", "session__participant"]


@admin.register(Stamp)
class StampAdmin(Unchanged):
    list_display = ["code", "state", "participant", "subject", "issued_at"]
    list_filter = ["state"]
    search_fields = ["code", "participant__pseudonym"]


@admin.register(Inspection)
class InspectionAdmin(Unchanged):
    list_display = ["mixture", "version", "state", "verdict", "seconds", "finished_at"]
    list_filter = ["verdict", "state", "version"]
    list_select_related = ["mixture"]
    search_fields = ["mixture__slug"]
