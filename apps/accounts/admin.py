"""Accounts in the Django admin, to view, close and reopen. Only their owners change profiles."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.actions import accounts, second_factor, set_password_links
from apps.accounts.models import User
from apps.core.errors import NotPossible

# django-allauth registers its models. Remove them: a confirmed address can reset the password, and
# who adds a passkey can sign in with it, so only people themselves may change either.
admin.site.unregister([EmailAddress, Authenticator])

# The admin shares the sign-in page and its limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

BUTTONS = ("send_password_link", "remove_second_factor")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only but for the permissions. Closing an account is an action."""

    list_display = ("username", "name", "is_active", "is_staff", "date_joined", "last_seen_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("search_name",)
    ordering = ("username",)
    filter_horizontal = ("groups", "user_permissions")
    actions = ("deactivate", "activate", "send_password_link", "remove_second_factor")
    change_form_template = "admin/accounts/user/change_form.html"
    profile_fields = (
        "username",
        "name",
        "about",
        "locale",
        "time_zone",
        "is_active",
        "date_joined",
        "last_login",
        "last_seen_at",
    )
    permission_fields = ("is_staff", "is_superuser", "groups", "user_permissions")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Superusers also see the e-mail and the permissions."""
        return (
            (*self.profile_fields, "email", *self.permission_fields)
            if request.user.is_superuser
            else self.profile_fields
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """All but the permissions, which only superusers see."""
        return (*self.profile_fields, "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False: accounts come from the registration page or `manage.py createadmin`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """False: accounts are closed, not deleted, so that their messages keep an author."""
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
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.action(description="Close the accounts and end their sessions", permissions=["change"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Close the accounts, except the one of the admin who asks."""
        for person_id in people.values_list("id", flat=True):
            if person_id != request.user.pk:
                accounts.deactivate(person_id)

    @admin.action(description="Reopen the accounts", permissions=["change"])
    def activate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Let these people sign in again."""
        for person_id in people.values_list("id", flat=True):
            accounts.activate(person_id)

    @admin.action(description="Send a link to choose a new password", permissions=["change"])
    def send_password_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """To the confirmed address of each person. Nobody else sees the link."""
        for person in self._below(request, people):
            try:
                set_password_links.send(request, person, by=str(request.user))
            except NotPossible as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                self.log_change(request, person, "Sent a link to choose a new password.")
                self.message_user(request, f"A link was sent to {person}.")

    @admin.action(
        description="Remove the second factors (the person has lost them)", permissions=["change"]
    )
    def remove_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """The person is told by mail. One's own are removed on the page Sign-in and security."""
        for person in self._below(request, people):
            if person == request.user:
                continue
            if second_factor.remove_all(person.id, by=str(request.user)):
                self.log_change(request, person, "Removed the second factors.")
                self.message_user(request, f"{person} signs in with the password alone now.")
            else:
                self.message_user(request, f"{person} has no second factor.", messages.WARNING)

    def _below(self, request: HttpRequest, people: QuerySet[User]) -> QuerySet[User]:
        """Only superusers touch the sign-in of superusers."""
        below = people if request.user.is_superuser else people.filter(is_superuser=False)
        if left := people.count() - below.count():
            text = f"{left} superusers were left out: only superusers may do that."
            self.message_user(request, text, messages.ERROR)
        return below

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: Any
    ) -> None:
        """Save the permissions only; nothing else can have changed."""
        fields = [name for name in ("is_staff", "is_superuser") if name in form.changed_data]
        if fields:
            obj.save(update_fields=fields)
