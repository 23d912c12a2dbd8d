"""Redemptions in the admin: to read, not to edit."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from marketplace.models import Redemption


@admin.register(Redemption)
class RedemptionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["stamp", "worker", "assignment", "redeemed_at"]
    search_fields = ["stamp__code", "worker", "assignment"]
    date_hierarchy = "redeemed_at"
    list_select_related = ["stamp"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
