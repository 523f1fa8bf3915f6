"""Identities in the Django admin, to view. Only their owners link them."""

from django.contrib import admin

from apps.core.large_list_admin import LargeList
from apps.core.read_only_admin import ReadOnly
from apps.sso.models import Identity


@admin.register(Identity)
class IdentityAdmin(ReadOnly, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only: who is linked decides who can sign in to an account."""

    list_display = ("user", "subject", "issuer", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__search_name", "subject")
    ordering = ("-id",)
