"""Invitations to register in the Django admin: adding one shows its link once; deleting revokes."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.accounts.actions import invites
from apps.accounts.models import RegistrationInvite
from apps.core.kept_form import KeptForm, NotChanged
from apps.core.large_list_admin import LargeList


class InviteForm(forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """How long the invitation is valid, and where to mail it."""

    days = forms.IntegerField(
        label=gettext_lazy("Valid for days"),
        min_value=1,
        max_value=invites.MAX_DAYS,
        initial=invites.DEFAULT_DAYS,
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail it to"),
        required=False,
        help_text=gettext_lazy("Optional, and not stored. You see the link in any case, once."),
    )

    class Meta:
        model = RegistrationInvite
        fields = ()


@admin.register(RegistrationInvite)
class InviteAdmin(NotChanged, KeptForm, LargeList, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Who invited whom; what was not used can be revoked."""

    form = InviteForm
    list_display = ("made_at", "made_by", "expires_at", "state", "used_by", "used_at")
    list_select_related = ("made_by", "used_by")
    list_display_links = None
    ordering = ("-made_at",)
    sortable_by = ("made_at",)
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[RegistrationInvite]":
        """Without the open one of the first administrator, which is the operator's."""
        rows: QuerySet[RegistrationInvite] = super().get_queryset(request)
        return rows.exclude(Q(administrator=True, used_at=None))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False: an invitation is revoked, not changed."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False: revoking is an action, and used ones stay."""
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whether this person may revoke: the permission to delete."""
        return request.user.has_perm("accounts.delete_registrationinvite")

    def save_model(
        self, request: HttpRequest, obj: RegistrationInvite, form: InviteForm, change: bool
    ) -> None:
        """Run the action, which writes the row, and show the link."""
        by = cast(UUID, request.user.pk)
        given = form.cleaned_data
        invite, link = invites.create(days=given["days"], by=by, email=given["email"])
        obj.id, obj.made_at = invite.id, invite.made_at
        text = gettext("The link, shown only now, makes one account: {link}")
        messages.success(request, text.format(link=link))

    def response_add(
        self, request: HttpRequest, obj: RegistrationInvite, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Back to the list, with the link."""
        return redirect(reverse("admin:accounts_registrationinvite_changelist"))

    @admin.display(description=gettext_lazy("State"))
    def state(self, invite: RegistrationInvite) -> str:
        """Whether the invitation can still be used."""
        if invite.used_at:
            return gettext("used")
        if invite.made_by and not invite.made_by.is_active:
            return gettext("ended: the account that made it is closed")
        return gettext("open") if invite.expires_at > timezone.now() else gettext("expired")

    @admin.action(description=gettext_lazy("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, rows: "QuerySet[RegistrationInvite]") -> None:
        """Delete those that were not used."""
        for row in rows:
            if invites.revoke(row.id, by=cast(UUID, request.user.pk)):
                messages.success(request, gettext("An invitation was revoked."))
