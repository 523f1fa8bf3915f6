"""Settings of the running server and rate limits in the Django admin, for administrators."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.staff_site import SUPERUSER
from apps.configuration import words
from apps.configuration.actions import changes
from apps.configuration.models import RateLimit, RuntimeSetting
from apps.configuration.queries.adjustable import Adjustable, adjustable, everything
from apps.core.errors import Refused
from apps.core.large_list_admin import LargeList
from apps.core.runtime import LIMIT_PREFIX
from apps.moderation.admin.moderator_pages import ForModerators, OwnPage, by_staff, shown

TEMPLATES = "admin/configuration/settings"


class Line(NamedTuple):
    """A setting or a rate limit with its words. `url`: where it can be changed, if it can."""

    row: Adjustable
    title: str | Promise
    effect: str | Promise
    url: str


class ValueForm(forms.Form):
    """The value of one setting, as the environment would have it."""

    def __init__(self, data: Any, *, row: Adjustable) -> None:
        super().__init__(data, initial={"value": row.value})
        label = gettext_lazy("Value")
        field: forms.Field = forms.CharField(
            label=label,
            required=False,
            max_length=changes.MAX_TEXT,
            widget=AdminTextInputWidget,
        )
        if row.kind == "number":
            field = forms.IntegerField(label=label, min_value=row.least, max_value=row.most)
        elif row.kind == "choice":
            field = forms.ChoiceField(label=label, choices=[(each, each) for each in row.choices])
        self.fields["value"] = field
        self.fields["reason"] = forms.CharField(
            label=gettext_lazy("Reason"),
            required=False,
            max_length=changes.MAX_REASON,
            widget=AdminTextInputWidget,
            help_text=gettext_lazy("Optional. For the audit log."),
        )


class _Adjustables(OwnPage, ForModerators, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # for checkers
    """A list of all, and a page of each. The rows of the model are what was set."""

    # Both pages are our own: none shows the fields of the model.
    fieldsets = ((None, {"fields": ()}),)

    needs = SUPERUSER

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators."""
        user = request.user
        return bool(user.is_active and getattr(user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators."""
        return self.has_view_permission(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All of them, with what counts, the default, and who changed it when."""
        self._check(request)
        lines = [self._line(row) for row in everything() if self._is_ours(row.name)]
        context = {"title": str(self.opts.verbose_name_plural), "lines": lines}
        return self._page(request, "list", context)

    def row_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page of one: set it, or let the default count again."""
        self._check(request)
        row = adjustable(object_id) if self._is_ours(object_id) else None
        if row is None or row.setting:
            raise Http404
        form: ValueForm | None = ValueForm(
            request.POST if "_save" in request.POST else None, row=row
        )
        line = self._line(row)
        if row.locked:
            form = None
        elif "_reset" in request.POST:
            with shown(request, gettext("The default counts again.")):
                changes.change(by_staff(request), {object_id: None})
            return redirect(request.path)
        if form and form.is_valid() and self._save(request, object_id, form):
            return redirect(self._list())
        needs = self._needed(object_id)
        context = {"title": line.title, "line": line, "form": form, "needs": needs}
        return self._page(request, "form", context)

    def _needed(self, name: str) -> Line | None:
        """The setting that one value of this one needs."""
        row = adjustable("REGISTRATION_DOMAINS") if name == "REGISTRATION" else None
        return self._line(row) if row else None

    def _save(self, request: HttpRequest, name: str, form: ValueForm) -> bool:
        """Whether it was saved; if not, the form says why."""
        value = str(form.cleaned_data["value"])
        try:
            changes.change(by_staff(request), {name: value}, reason=form.cleaned_data["reason"])
        except Refused as error:
            form.add_error("value", self._explained(name, error))
            return False
        self.message_user(
            request, gettext("Saved. All processes of the server follow in a second or two.")
        )
        return True

    def _explained(self, name: str, error: Refused) -> str:
        """The words of a refusal, with a link to the setting that is needed."""
        needed = self._needed(name)
        if needed is None:
            return gettext(error.detail)
        link = format_html('<a href="{}">{}</a>', needed.url, needed.title)
        return format_html("{} {}", gettext(error.detail), link)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _is_ours(self, name: str) -> bool:
        return name.startswith(LIMIT_PREFIX) == (self.model is RateLimit)

    def _line(self, row: Adjustable) -> Line:
        name = row.setting or row.name
        model = "ratelimit" if name.startswith(LIMIT_PREFIX) else "runtimesetting"
        url = reverse(f"admin:configuration_{model}_change", args=[name])
        if row.seconds is None:
            return Line(row, *words.SETTINGS[row.name], url)
        return Line(row, words.LIMITS[row.name.removeprefix(LIMIT_PREFIX)], "", url)

    def _list(self) -> str:
        return reverse(f"admin:configuration_{self.opts.model_name}_changelist")

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = {"limits": self.model is RateLimit, **context}
        return self.own_page(request, f"{TEMPLATES}/{name}.html", context)


@admin.register(RuntimeSetting)
class RuntimeSettingAdmin(_Adjustables):
    """What the environment sets at a start, and administrators change while the server runs."""


@admin.register(RateLimit)
class RateLimitAdmin(_Adjustables):
    """How often a person, or an address, may do something."""
