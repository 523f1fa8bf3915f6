"""Accounts, to view, make, close and reopen. Only their owners change profiles.

What ended, when an account was closed or sessions ended, is recorded: see `EndingAdmin`.
"""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.actions import (
    accounts,
    deletions,
    devices,
    made_accounts,
    second_factor,
    set_password_links,
)
from apps.accounts.forms import NewAccountForm
from apps.accounts.models import Deletion, Ending, User
from apps.accounts.queries import devices as devices_of
from apps.accounts.staff_record import record_deed
from apps.core.errors import NotFound, NotPossible
from apps.core.kept_form import KeptForm
from apps.core.large_list_admin import NameSearch
from apps.wire import bodies

# django-allauth registers its models. Remove them: a confirmed address can reset the password, and
# who adds a passkey can sign in with it, so only people themselves may change either. Who edits a
# group gives permissions, which is for superusers, on the page of a person.
admin.site.unregister([EmailAddress, Authenticator, Group])

END_DEVICE = "_end_device"
BUTTONS = ("send_password_link", "remove_second_factor", "delete_account", "keep_account")


@admin.register(User)
class UserAdmin(KeptForm, NameSearch, admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only but for the permissions. Making and closing an account are actions."""

    list_display = ("username", "name", "is_active", "deleted_at", "is_staff", "date_joined")
    list_select_related = ("deletion",)
    list_filter = ("is_active", "is_staff")
    search_fields = ("search_name",)
    ordering = ("username",)
    sortable_by = ("username",)
    filter_horizontal = ("groups", "user_permissions")
    actions = (
        "deactivate",
        "end_sessions",
        "activate",
        "send_password_link",
        "remove_second_factor",
        "delete_account",
        "keep_account",
    )
    change_form_template = "admin/accounts/user/change_form.html"
    profile_fields = (
        "username",
        "name",
        "about",
        "locale",
        "time_zone",
        "is_active",
        "closed_way",
        "deleted_at",
        "date_joined",
        "last_login",
        "last_seen_at",
    )
    permission_fields = ("is_staff", "is_superuser", "groups", "user_permissions")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only filters that the page shows: others would reveal hidden fields, letter by letter."""
        return lookup.split("__")[0] in self.list_filter

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Superusers also see the e-mail and the permissions. Of a new one, whose it is."""
        if obj is None:
            return NewAccountForm.Meta.fields
        return (
            (*self.profile_fields, "email", *self.permission_fields)
            if request.user.is_superuser
            else self.profile_fields
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """All but the permissions, which only superusers see."""
        if obj is None:
            return ()
        return (*self.profile_fields, "email")

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **given: Any
    ) -> Any:
        """Of the permissions, those with an effect, and those that the person has already."""
        if db_field.name == "user_permissions":
            given["queryset"] = _effective(request)
        return super().formfield_for_manytomany(db_field, request, **given)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """That of a new account, or the permissions of one."""
        if obj is None:
            kwargs["form"] = NewAccountForm
        return super().get_form(request, obj, change, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By the permission, where people have accounts of this server."""
        return settings.LOCAL_ACCOUNTS and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """False: the row stays, so that messages keep an author. Deleting is an action."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one account, whose buttons run the actions of BUTTONS and save nothing."""
        for name in BUTTONS:
            if request.method == "POST" and f"_{name}" in request.POST:
                person = self.get_object(request, object_id)
                if person is None or not self.has_change_permission(request, person):
                    raise PermissionDenied
                getattr(self, name)(request, User.objects.filter(pk=person.pk))
                return redirect(request.path)
        if request.method == "POST" and END_DEVICE in request.POST:
            self._end_device(request, object_id)
            return redirect(request.path)
        shown = {"devices": self._devices(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    def _devices(self, request: HttpRequest, object_id: str) -> list[bodies.Device]:
        """What is signed in as the person, for staff who may end it. One's own are in the app."""
        person = self.get_object(request, object_id)
        if person is None or not self._may_end_devices(request, person):
            return []
        return devices_of.of_person(person.pk, session_key="")

    def _may_end_devices(self, request: HttpRequest, person: User) -> bool:
        above = person.is_superuser and not request.user.is_superuser
        return person != request.user and not above and self.has_change_permission(request, person)

    def _end_device(self, request: HttpRequest, object_id: str) -> None:
        person = self.get_object(request, object_id)
        if person is None or not self._may_end_devices(request, person):
            raise PermissionDenied
        by = cast(UUID, request.user.pk)
        try:
            device = UUID(request.POST[END_DEVICE])
            _show(request, [devices.end_by_staff(person.pk, device, by=by)])
        except (ValueError, NotFound):
            self.message_user(request, gettext("There was nothing to end."), messages.WARNING)

    @admin.action(
        description=_("Close the accounts and end their sessions"), permissions=["change"]
    )
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Close the accounts, except the one of the admin who asks."""
        by = cast(UUID, request.user.pk)
        others = self._below(request, people).exclude(id=by).values_list("id", flat=True)
        _show(
            request,
            [accounts.close_by(by, person) for person in others],
        )

    @admin.action(description=_("End the sessions on all devices"), permissions=["change"])
    def end_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Sign these people out everywhere; they can sign in again."""
        by = cast(UUID, request.user.pk)
        others = self._below(request, people).exclude(id=by).values_list("id", flat=True)
        _show(
            request,
            [accounts.close_by(by, person, only_sessions=True) for person in others],
        )

    @admin.action(description=_("Reopen the accounts"), permissions=["change"])
    def activate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let these people sign in again."""
        for person_id in self._below(request, people).values_list("id", flat=True):
            accounts.reopen_by(cast(UUID, request.user.pk), person_id)

    @admin.action(description=_("Send a link to choose a new password"), permissions=["change"])
    def send_password_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Send it to the confirmed address of each person; staff do not see the link."""
        for person in self._below(request, people):
            try:
                set_password_links.send(request, person, by=cast(UUID, request.user.pk))
            except NotPossible as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                self.log_change(request, person, "Sent a link to choose a new password.")
                text = gettext("A link was sent to %(person)s.") % {"person": person}
                self.message_user(request, text)

    @admin.action(
        description=_("Remove the second factors (the person has lost them)"),
        permissions=["change"],
    )
    def remove_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """The person is told by mail. One's own are removed on the page Sign-in and security."""
        for person in self._below(request, people):
            if person == request.user:
                continue
            if second_factor.remove_all(person.id, by=cast(UUID, request.user.pk)):
                self.log_change(request, person, "Removed the second factors.")
                text = gettext("%(person)s signs in with the password alone now.")
                self.message_user(request, text % {"person": person})
            else:
                text = gettext("%(person)s has no second factor.") % {"person": person}
                self.message_user(request, text, messages.WARNING)

    @admin.action(description=_("Delete the accounts after a while"), permissions=["change"])
    def delete_account(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """As if these people had asked for it. Signing in takes it back, if the account is open."""
        by = cast(UUID, request.user.pk)
        for person in self._below(request, people).exclude(id=by):
            try:
                row = deletions.start(person.id, by=by)
            except NotPossible as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                self.log_change(request, person, "Began the deletion of the account.")
                at = date_format(timezone.localtime(row.due_at), "DATETIME_FORMAT")
                text = gettext("%(person)s will be deleted at %(at)s")
                self.message_user(request, text % {"person": person, "at": at})

    @admin.action(description=_("Keep the accounts: do not delete them"), permissions=["change"])
    def keep_account(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Possible until the deletion has begun."""
        for person in self._below(request, people):
            if deletions.take_back_by(cast(UUID, request.user.pk), person.id):
                self.log_change(request, person, "Took back the deletion of the account.")
                text = gettext("%(person)s will not be deleted.") % {"person": person}
                self.message_user(request, text)
            else:
                text = gettext("%(person)s is not about to be deleted, or it is too late.")
                text %= {"person": person}
                self.message_user(request, text, messages.WARNING)

    @admin.display(description=_("deleted at"), ordering="deletion__due_at")
    def deleted_at(self, person: User) -> str:
        """When the account was, or will be, deleted."""
        try:
            at = person.erased_at or person.deletion.due_at
        except Deletion.DoesNotExist:
            return "-"
        return date_format(timezone.localtime(at), "DATETIME_FORMAT")

    def _below(self, request: HttpRequest, people: QuerySet[User]) -> QuerySet[User]:
        """Only superusers touch the sign-in and the access of superusers."""
        below = people if request.user.is_superuser else people.filter(is_superuser=False)
        if left := people.count() - below.count():
            text = gettext("%(left)s superusers were left out: only superusers may do that.") % {
                "left": left
            }
            self.message_user(request, text, messages.ERROR)
        return below

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: Any
    ) -> None:
        """Save the permissions only; nothing else can have changed. A new account is made by its
        action."""
        if not change:
            asked = {name: getattr(obj, name) for name in NewAccountForm.Meta.fields}
            obj.pk = made_accounts.make(cast(User, request.user), **asked).pk
            text = gettext("A link was sent to %(person)s.") % {"person": obj}
            self.message_user(request, text)
            return
        fields = [name for name in ("is_staff", "is_superuser") if name in form.changed_data]
        if fields:
            obj.save(update_fields=fields)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the groups and permissions, and record what changed."""
        super().save_related(request, form, formsets, change)
        changed = [name for name in self.permission_fields if name in form.changed_data]
        details = {
            name: {"old": _plain(form.initial[name]), "new": _plain(form.cleaned_data[name])}
            for name in changed
        }
        if details:
            by = cast(UUID, request.user.pk)
            record_deed("change_permissions", by=by, person=form.instance.pk, **details)


def _plain(value: Any) -> object:
    """True or false, or the names of groups or of permissions."""
    if isinstance(value, bool):
        return value
    return sorted(getattr(each, "codename", None) or each.name for each in value)


def _effective(request: HttpRequest) -> QuerySet[Permission]:
    """The permissions that open something in the admin: those that its lists use at all."""
    match = request.resolver_match
    effective = Q(user=match.kwargs["object_id"]) if match else Q()
    for model, model_admin in admin.site._registry.items():
        label, name = model._meta.app_label, model._meta.model_name
        unused = [
            f"{verb}_{name}"
            for verb, is_used in model_admin.get_model_perms(request).items()
            if not is_used
        ]
        effective |= Q(content_type__app_label=label, content_type__model=name) & ~Q(
            codename__in=unused
        )
    # The choices show the type of each.
    return Permission.objects.filter(effective).select_related("content_type").distinct()


def _show(request: HttpRequest, done: Iterable[Ending | None]) -> None:
    """Lead the administrator to the records."""
    pages = [(reverse("admin:accounts_ending_change", args=[each.id]),) for each in done if each]
    links = format_html_join(", ", f'<a href="{{}}">{gettext("Record")}</a>', pages)
    text = (
        format_html(gettext("Access ended: {}."), links)
        if links
        else gettext("There was nothing to end.")
    )
    messages.success(request, text)
