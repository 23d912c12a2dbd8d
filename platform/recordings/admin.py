"""Staff's view of campaigns, prompts, mixtures, takes and stamps."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.timezone import now

from recordings import campaigns, objects
from recordings.forms import CampaignForm
from recordings.models import Campaign, Mixture, Prompt, Reference, Stamp, Take


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
        "seconds",
        "sample_rate",
        "level_db",
        "processing",
        "created_at",
    ]
    list_filter = ["kind", "campaign"]
    search_fields = ["slug", "sha256"]
    inlines = [ReferenceInline]
    readonly_fields = ["player"]

    @admin.display(description="voice processing")
    def processing(self, mixture: Mixture) -> str:
        return str(mixture.capture.get("processing", "-"))

    @admin.display(description="listen")
    def player(self, mixture: Mixture) -> str:
        url = objects.signed_url(str(mixture.audio))
        return format_html('<audio controls preload="none" src="{}"></audio>', url)


@admin.register(Take)
class TakeAdmin(Unchanged):
    list_display = ["session", "number", "state", "mixture", "stamp", "lease_until"]
    list_filter = ["state", "session__campaign"]
    list_select_related = ["session__campaign", "session__participant", "mixture"]


@admin.register(Stamp)
class StampAdmin(Unchanged):
    list_display = ["code", "state", "participant", "subject", "issued_at"]
    list_filter = ["state"]
    search_fields = ["code", "participant__pseudonym"]
