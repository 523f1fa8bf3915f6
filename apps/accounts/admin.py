"""Accounts in the Django admin: looked at, closed and reopened; profiles stay their owners'."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.accounts.actions import accounts
from apps.accounts.models import User

# Only people themselves add or confirm their e-mail addresses: a confirmed address resets the
# password. django-allauth registers its model.
admin.site.unregister(EmailAddress)

# One sign-in page with one set of limits, also for the admin.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # a type only for checkers
    """Every field but the permissions is for reading; closing an account is an action."""

    list_display = ("username", "name", "is_active", "is_staff", "date_joined", "last_seen_at")
    list_filter = ("is_active", "is_staff")
    search_fields = ("search_name",)
    ordering = ("username",)
    filter_horizontal = ("groups", "user_permissions")
    actions = ("deactivate", "activate")
    shown = (
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
    powers = ("is_staff", "is_superuser", "groups", "user_permissions")

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Superusers also see the e-mail and who may do what."""
        return (*self.shown, "email", *self.powers) if request.user.is_superuser else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """All but the permissions, which only superusers are shown."""
        return (*self.shown, "email")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are made on the registration page or by `manage.py createadmin`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What people wrote stays theirs: accounts are closed, not deleted."""
        return False

    @admin.action(description="Close the accounts and end their sessions", permissions=["change"])
    def deactivate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Nobody can close the account they are using."""
        for person_id in people.values_list("id", flat=True):
            if person_id != request.user.pk:
                accounts.deactivate(person_id)

    @admin.action(description="Reopen the accounts", permissions=["change"])
    def activate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """They may sign in again."""
        for person_id in people.values_list("id", flat=True):
            accounts.activate(person_id)

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: Any
    ) -> None:
        """Only permissions can have changed here; nothing else is written back."""
        fields = [name for name in ("is_staff", "is_superuser") if name in form.changed_data]
        if fields:
            obj.save(update_fields=fields)
