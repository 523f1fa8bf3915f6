"""Identities in the Django admin, to view. Only their owners link them."""

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.core.large_list_admin import NameOrCodeSearch
from apps.core.read_only_admin import ReadOnly
from apps.sso.models import Identity


@admin.register(Identity)
class IdentityAdmin(ReadOnly, NameOrCodeSearch, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only: who is linked decides who can sign in to an account."""

    list_display = ("user", "subject", "issuer", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__search_name",)
    search_help_text = _("The beginning of a name or username, or a whole subject.")
    sortable_by = ()
    ordering = ("-id",)

    def coded(self, queryset: QuerySet[Identity], words: str) -> QuerySet[Identity]:
        """By the subject at the provider of today."""
        return queryset.filter(issuer=settings.OIDC_ISSUER, subject=words)
