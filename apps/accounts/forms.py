"""The registration form."""

from typing import Any

from allauth.account import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from apps.accounts.actions import registration
from apps.accounts.models import User
from apps.core.errors import Invalid


class SignupForm(forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """allauth's fields and checks; our action creates the account."""

    cleaned_data: dict[str, Any]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The new account, or a redirect when somebody took the name a moment before."""
        try:
            return self.save(request), None
        except Invalid as error:
            messages.error(request, error.detail)
            return None, redirect("account_signup")

    def save(self, request: HttpRequest) -> User:
        """Create the account. Raises Invalid."""
        return registration.register(
            self.cleaned_data["username"],
            password=self.cleaned_data["password1"],
            email=self.cleaned_data.get("email", ""),
            locale=get_language(),
        )
