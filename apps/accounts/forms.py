"""The forms of registration, and of an account that an administrator makes."""

from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from allauth.account import forms
from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_lazy

from apps.accounts.actions import profile, registration
from apps.accounts.models import User
from apps.accounts.registration_secrets import registration_secrets
from apps.core.errors import Invalid, Refused


class _RulesWhenBroken:
    """A form that tells the rules of a password to somebody who broke one, not before."""

    fields: dict[str, django_forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = ""


class ChangePasswordForm(_RulesWhenBroken, forms.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form for a new password of a person who has one."""


class SetPasswordForm(_RulesWhenBroken, forms.SetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form for the first password of a person who is signed in."""


class ResetPasswordKeyForm(_RulesWhenBroken, forms.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """allauth's form for the password of a person who came by a link."""


class SignupForm(_RulesWhenBroken, forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """allauth's fields and checks, a name, and the browser's time zone (`new-account.js` fills it
    in). Our action creates the account."""

    name = django_forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=profile.MAX_LENGTHS["name"],
        widget=django_forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = django_forms.CharField(required=False, widget=django_forms.HiddenInput)
    field_order = ("name", "username", "email", "password1")

    cleaned_data: dict[str, Any]

    def __init__(self, *args: Any, proven_email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if proven_email:
            del self.fields["email"]
        else:
            self.fields["email"].label = gettext("E-mail (optional)")

    def full_clean(self) -> None:
        """A page never has a password in it: after an error elsewhere, it is typed again."""
        super().full_clean()
        self._ask_for_password()

    def refuse(self, error: Invalid) -> None:
        """Show why the account cannot be created."""
        field = (error.pointer or "").removeprefix("#/").replace("password", "password1")
        self.add_error(field if field in self.fields else None, error.reason)
        self._ask_for_password()

    def _ask_for_password(self) -> None:
        if self._errors and "password1" in self.fields and "password1" not in self._errors:
            self.add_error("password1", gettext("Type your password again. It was not kept."))

    def clean_name(self) -> str:
        """The name as it will be stored."""
        try:
            return str(profile.clean({"name": self.cleaned_data["name"]})["name"])
        except Invalid as error:
            raise ValidationError(error.reason) from error

    def clean_time_zone(self) -> str:
        """The browser's time zone; empty if this server does not know it."""
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else ""

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new account, or a redirect when somebody used the link a moment before.

        Raises Invalid when somebody took the name.
        """
        try:
            return self.save(request), None
        except Invalid:
            raise
        except Refused as error:
            messages.error(request, gettext(error.detail))
            return None, redirect(_link(request))

    def save(self, request: HttpRequest) -> User:
        """Create the account. Raises as `registration.sign_up`."""
        secrets = registration_secrets(request)
        return registration.sign_up(
            self.cleaned_data["username"],
            password=self.cleaned_data["password1"],
            name=self.cleaned_data["name"],
            time_zone=self.cleaned_data["time_zone"],
            email=self.cleaned_data.get("email", ""),
            locale=get_language(),
            invite=secrets.invite,
            proof=secrets.proof,
        )


class NewAccountForm(django_forms.ModelForm):  # type: ignore[type-arg]  # a type only for checkers
    """Whose account is made; the password is theirs to choose."""

    class Meta:
        model = User
        fields = ("username", "name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["email"].help_text = gettext("A link to choose a password is sent there.")


def _link(request: HttpRequest) -> str:
    """The page again, with what the person came with."""
    kept = {
        name: request.POST[name] for name in ("invite", "proof", "next") if name in request.POST
    }
    return reverse("account_signup") + (f"?{urlencode(kept)}" if kept else "")
