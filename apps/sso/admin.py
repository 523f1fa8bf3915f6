"""Identities in the Django admin, to view. Only their owners link them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.sso.models import Identity


@admin.register(Identity)
class IdentityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only: who is linked decides who can sign in to an account."""

    list_display = ("user", "subject", "issuer", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__search_name", "subject")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False."""
        return False
