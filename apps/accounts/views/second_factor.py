"""The pages of the second factor: allauth's views, closed where they must be, never cached."""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.generic.edit import FormView

from apps.accounts import known_devices
from apps.accounts.actions import own_factors
from apps.accounts.models import User
from apps.accounts.queries.second_factor import has_second_factor
from apps.accounts.second_factor_forms import ActivateAppForm, AddPasskeyForm
from apps.accounts.staff import remember_second_factor
from apps.core.errors import NotPossible
from apps.core.sealing import Unreadable

View = Callable[..., HttpResponse]
# An anonymous session that only holds the challenge for a passkey.
CHALLENGE_TTL_S = 600


def _own(page: View) -> View:
    """For people with a password here. The others manage their sign-in at the provider."""

    @never_cache
    @login_required
    def view(request: HttpRequest, **given: Any) -> HttpResponse:
        if not cast(User, request.user).has_usable_password():
            return render(request, "sso/password.html")
        try:
            return page(request, **given)
        except NotPossible:  # a form that was sent twice at once
            return redirect("security")

    return view


class Authenticate(base.AuthenticateView):  # type: ignore[misc]  # allauth has no types
    """The second step of a sign-in."""

    def dispatch(self, request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        """Start the sign-in again if an administrator has removed the factors since: allauth
        redirects to the sign-in page, which redirects back here."""
        stage = request._login_stage  # type: ignore[attr-defined]
        if not has_second_factor(stage.login.user.pk):
            clear_login(request)
            return redirect("account_login")
        response: HttpResponse = super().dispatch(request, *args, **given)
        return response


class MakeCodes(recovery.GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """Makes new recovery codes."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them, then go to the page that shows them."""
        own_factors.make_codes(self.request, self.request.user)
        return redirect(self.get_success_url())

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """Without the count of the old ones: those of another SECRET_KEY cannot be read."""
        context: dict[str, Any] = FormView.get_context_data(self, **given)
        return context


class ShowCodes(recovery.ViewRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    """Shows recovery codes that were just made."""

    def get(self, request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        """Those of another SECRET_KEY cannot be read: lead to new ones."""
        try:
            response: HttpResponse = super().get(request, *args, **given)
        except Unreadable:
            return redirect("mfa_generate_recovery_codes")
        return response


class ActivateApp(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Sets up an authenticator app. Its first code is used up by that."""

    def form_valid(self, form: ActivateAppForm) -> HttpResponse:
        """Store the secret and the time step of the code."""
        user = self.request.user
        codes = own_factors.activate_app(self.request, user, form.secret, step=form.step)
        self.did_generate_recovery_codes = bool(codes)
        return _remembered(self.request, redirect(self.get_success_url()))


class RemoveApp(totp.DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    """Removes the authenticator app."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it."""
        own_factors.remove_app(self.request, self.request.user)
        return redirect(self.get_success_url())


class AddPasskey(webauthn.AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Adds a passkey; it may sign in without a password if its device stores it."""

    def get_context_data(self, **given: Any) -> dict[str, Any]:
        """allauth asks the browser for a passkey that is no more than a second step."""
        context: dict[str, Any] = FormView.get_context_data(self, **given)
        return context | {"options": own_factors.passkey_options(self.request.user)}

    def form_valid(self, form: AddPasskeyForm) -> HttpResponse:
        """Store the passkey, which this session has proved with that."""
        _, codes = own_factors.add_passkey(
            self.request,
            self.request.user,
            name=form.cleaned_data["name"],
            credential=form.cleaned_data["credential"],
        )
        self.did_generate_recovery_codes = bool(codes)
        return _remembered(self.request, redirect(self.get_success_url()))


class RemovePasskey(webauthn.RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    """Removes a passkey."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it."""
        own_factors.remove_passkey(self.request, self.request.user, self.get_object().pk)
        return redirect(self.get_success_url())


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response, which remembers that this browser has proved the factor that it set up."""
    user = cast(User, request.user)
    remember_second_factor(request, user)
    known_devices.remember(request, response, user)
    return response


@never_cache
def sign_in_with_passkey(request: HttpRequest) -> HttpResponse:
    """GET, for scripts: a challenge. POST: sign in with the response to it."""
    response: HttpResponse = webauthn.login_webauthn(request)
    if not request.user.is_authenticated and request.session.session_key is None:
        request.session.set_expiry(CHALLENGE_TTL_S)
    return response


authenticate: View = login_stage_required(
    stage=AuthenticateStage.key, redirect_urlname="account_login"
)(Authenticate.as_view())
activate_app = _own(ActivateApp.as_view())
remove_app = _own(RemoveApp.as_view())
show_codes = _own(ShowCodes.as_view())
make_codes = _own(MakeCodes.as_view())
add_passkey = _own(AddPasskey.as_view())
rename_passkey = _own(webauthn.edit_webauthn)
remove_passkey = _own(RemovePasskey.as_view())
