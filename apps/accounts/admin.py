"""Accounts in the Django admin, to view, close and reopen. Only their owners change profiles."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts.actions import accounts
from apps.accounts.models import User

# django-allauth registers its models. Remove them: a confirmed address can reset the password, and
# who adds a passkey can sign in with it, so only people themselves may change either.
admin.site.unregister([EmailAddress, Authenticator])

# The admin shares the sign-in page and its limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Read-only but for the permissions. Closing an account is an action."""

    list_display = ("username", "name", "is_active", "is_staff", "date_joined", "last_seen_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("search_name",)
    ordering = ("username",)
    filter_horizontal = ("groups", "user_permissions")
    actions = ("deactivate", "activate")
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

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: Any
    ) -> None:
        """Save the permissions only; nothing else can have changed."""
        fields = [name for name in ("is_staff", "is_superuser") if name in form.changed_data]
        if fields:
            obj.save(update_fields=fields)
