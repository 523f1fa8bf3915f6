"""The versions of the settings in the Django admin: what was changed, and the way back."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.staff_site import SUPERUSER
from apps.configuration.actions import changes
from apps.configuration.admin.titles import title_of
from apps.configuration.models import SettingsVersion
from apps.configuration.queries.versions import changed_by, get_version, history
from apps.core.large_list_admin import LargeList
from apps.moderation.admin.moderator_pages import ForModerators, OwnPage, by_staff, shown

TEMPLATE = "admin/configuration/version.html"


class Change(NamedTuple):
    """What counted before and after."""

    title: str
    old: str
    new: str


class RevertForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=changes.MAX_REASON,
        widget=AdminTextInputWidget,
    )


@admin.register(SettingsVersion)
class SettingsVersionAdmin(OwnPage, ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """The newest first. The page of each has the button that goes back to it."""

    needs = SUPERUSER
    # The page is our own.
    fieldsets = ((None, {"fields": ()}),)
    list_display = ("number", "at", "who", "changed", "reason")
    list_select_related = ("by",)
    ordering = ("-number",)
    sortable_by = ("number",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_superuser", False))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SettingsVersion]:
        """With who made them."""
        return history()

    @admin.display(description=gettext_lazy("by"))
    def who(self, row: SettingsVersion) -> str:
        """Who made it."""
        return changed_by(row)

    @admin.display(description=gettext_lazy("changed"))
    def changed(self, row: SettingsVersion) -> str:
        """What this version changed."""
        return ", ".join(each.title for each in _changes(row))

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What was changed, all that was set, and the button."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = _row(object_id)
        form = RevertForm(request.POST or None)
        if "_revert" in request.POST and form.is_valid():
            done = gettext("Version %(number)s counts again.") % {"number": row.number}
            with shown(request, done):
                changes.revert(by_staff(request), row.number, reason=form.cleaned_data["reason"])
            return redirect(reverse("admin:configuration_settingsversion_changelist"))
        newest = history().first()
        context = {
            "title": gettext("Version %(number)s") % {"number": row.number},
            "row": row,
            "changes": _changes(row),
            "settings": [(title_of(name), value) for name, value in sorted(row.settings.items())],
            "is_newest": newest is not None and newest.number == row.number,
            "form": form,
        }
        return self.own_page(request, TEMPLATE, context)


def _row(object_id: str) -> SettingsVersion:
    try:
        return get_version(int(object_id))
    except ValueError:
        raise Http404 from None


def _changes(row: SettingsVersion) -> list[Change]:
    return [Change(title_of(name), *values) for name, values in sorted(row.changes.items())]
