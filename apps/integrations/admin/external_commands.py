"""Commands of all groups in the Django admin."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from apps.core.kept_form import KeptForm
from apps.core.large_list_admin import LargeList
from apps.integrations.actions import external_commands as actions
from apps.integrations.gateways.command_posts import verification_token
from apps.integrations.models import ExternalCommand


class ExternalCommandForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """A command of all groups."""

    class Meta:
        model = ExternalCommand
        fields = ("name", "url", "hint", "description")

    def _get_validation_exclusions(self) -> set[str]:
        # The action refuses the same in words.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # no stub
        return excluded | {"name"}


@admin.register(ExternalCommand)
class ExternalCommandAdmin(KeptForm, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]
    """Commands that other servers answer. Those of all groups are made and changed here; those of
    one group by its managers, and here they can only be deleted."""

    form = ExternalCommandForm
    list_display = ("name", "url", "group", "writer", "made_at")
    list_select_related = ("bot",)
    ordering = ("-id",)
    sortable_by = ()
    actions = ("replace_secret",)

    @admin.display(description=gettext_lazy("group"))
    def group(self, row: ExternalCommand) -> str:
        """The id of its group, or that it is of all."""
        return str(row.chat_id or gettext("all groups"))

    @admin.display(description=gettext_lazy("who writes its answers"))
    def writer(self, row: ExternalCommand) -> str:
        """The bot."""
        return row.bot.username

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not those of a group."""
        return super().has_change_permission(request, obj) and getattr(obj, "chat_id", None) is None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The name stays: people know it."""
        return ("name",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: ExternalCommand, form: Any, change: bool
    ) -> None:
        """Run the action, which writes the row."""
        if change:
            actions.change_row(obj, form.cleaned_data)
            return
        made = actions.make_for_all(cast(UUID, request.user.pk), **form.cleaned_data)
        obj.id, obj.bot_id, obj.made_at = made.id, made.bot_id, made.made_at
        _show_secret(request, made)

    def delete_model(self, request: HttpRequest, obj: ExternalCommand) -> None:
        """Run the action."""
        actions.delete_row(obj, by=cast(UUID, request.user.pk))

    def delete_queryset(self, request: HttpRequest, queryset: "QuerySet[ExternalCommand]") -> None:
        """Run the action for each."""
        for row in queryset:
            self.delete_model(request, row)

    @admin.action(
        description=gettext_lazy("Replace the secrets of these commands"), permissions=["change"]
    )
    def replace_secret(self, request: HttpRequest, rows: "QuerySet[ExternalCommand]") -> None:
        """Those of all groups."""
        for row in rows.filter(chat=None):
            actions.replace_secret_of(row)
            _show_secret(request, row)


def _show_secret(request: HttpRequest, row: ExternalCommand) -> None:
    """Show the secret on the next page, this once."""
    secret = actions.secret_of(row)
    words = gettext(
        "The signing secret of /{name} is {secret}, its verification token {token}. Copy them now:"
        " they are not shown again."
    )
    token = verification_token(secret)
    messages.warning(request, words.format(name=row.name, secret=secret, token=token))
