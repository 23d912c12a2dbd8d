"""Admin of separators, estimators and runs; states change by the staff pages only."""

from django.contrib import admin
from django.http import HttpRequest

from separation.models import Estimator, Run, Separator


@admin.register(Separator)
class SeparatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "title", "revision", "sample_rate", "is_active")
    list_filter = ("is_active", "architecture")
    readonly_fields = ("name", "revision", "parameters", "sample_rate", "sources")


@admin.register(Estimator)
class EstimatorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "revision", "low_db", "high_db", "is_active")
    readonly_fields = ("name", "revision", "low_db", "high_db")


@admin.register(Run)
class RunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("mixture", "separator", "state", "attempt", "worker", "queued_at")
    list_filter = ("state", "separator")
    list_select_related = ("mixture", "separator")
    search_fields = ("mixture__slug", "worker")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
