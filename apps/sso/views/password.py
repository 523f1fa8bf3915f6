"""The password pages: closed to people whose password is at the identity provider."""

from collections.abc import Callable
from typing import Any

from allauth.account.views import PasswordChangeView, PasswordSetView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.generic.edit import FormView

from apps.accounts.actions import passwords
from apps.core.errors import SignedOut
from apps.sso.queries.identities import signs_in_elsewhere

View = Callable[..., HttpResponseBase]


class _ByOurAction(FormView):  # type: ignore[type-arg]
    """A valid form of allauth changes the password by our action."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, then go where allauth goes."""
        try:
            passwords.change(self.request, form.user, form.cleaned_data["password1"])
        except SignedOut:  # the same browser has changed it in this moment
            return redirect("security")
        return redirect(self.get_success_url())


class Change(_ByOurAction, PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    """Changes a password; the old one is asked for."""


class SetFirst(_ByOurAction, PasswordSetView):  # type: ignore[misc]  # allauth has no types
    """Sets the first password of an account."""


def _unless_elsewhere(page: View) -> View:
    @login_required
    def view(request: HttpRequest) -> HttpResponseBase:
        if signs_in_elsewhere(request.user):
            return render(request, "sso/password.html")
        return page(request)

    return view


change = _unless_elsewhere(Change.as_view())
set_first = _unless_elsewhere(SetFirst.as_view())
