"""Signing in at the identity provider: to it and back."""

import logging

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from apps.accounts.deletion_signals import KEPT
from apps.accounts.sessions import ORIGIN
from apps.accounts.staff import PROVED_AT, remember_second_factor
from apps.core.client_address import client_address
from apps.core.errors import RateLimited
from apps.core.limits import SSO_SIGN_INS, check
from apps.sso import flow
from apps.sso.actions import provider_sessions
from apps.sso.backend import SsoBackend, callback_url, library_setting
from apps.sso.claims import proves_second_factor
from apps.sso.errors import TEXTS, Reason, SignInFailed
from apps.sso.gateways import provider

logger = logging.getLogger(__name__)
BACKEND = "apps.sso.backend.SsoBackend"


def failed(request: HttpRequest, error: SignInFailed) -> HttpResponse:
    """The page that says why nobody was signed in."""
    logger.warning("Sign-in with the provider failed (%s): %s", error.reason.name, error)
    heading, explanation = TEXTS[error.reason]
    context = {"heading": heading, "explanation": explanation}
    return render(request, "sso/failed.html", context, status=error.reason.status)


class _Request(OIDCAuthenticationRequestView):  # type: ignore[misc]  # the library has no types
    """Sends the browser to the provider with a new state, nonce and PKCE challenge."""

    def __init__(self, **extra: str) -> None:
        # Not the library's, which reads the addresses of the provider from settings.
        self.extra = extra
        self.OIDC_OP_AUTH_ENDPOINT = provider.discovery().authorization
        self.OIDC_RP_CLIENT_ID = settings.OIDC_CLIENT_ID

    get_settings = staticmethod(library_setting)

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        """Our own address, which the request cannot choose."""
        return {"redirect_uri": callback_url(), **self.extra}


@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Go to the provider's sign-in page, and come back to the path in `next`.

    A signed-in person goes there at once: a link of another site must not end their session.
    """
    _require_sso()
    next_path = request.GET.get("next", "/")
    if request.user.is_authenticated:
        return HttpResponseRedirect(flow.own_path(next_path))
    return _to_provider(request, next_path=next_path, link=False)


@never_cache
@login_required
def link(request: HttpRequest) -> HttpResponse:
    """Link an identity to the account of the signed-in person, if it has a password.

    The password is the fresh proof that its owner asks. Without one, allauth would let anybody
    pass who finds an open screen.
    """
    _require_sso()
    user = request.user
    if not settings.LOCAL_ACCOUNTS or user.is_anonymous or not user.has_usable_password():
        return render(request, "sso/no_link.html")
    response: HttpResponse = _link(request)
    return response


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def _link(request: HttpRequest) -> HttpResponse:
    """Ask whether to link, then do it.

    A POST, with a fresh sign-in here and at the provider: another site, or somebody at an open
    screen, could otherwise link an identity of their own.
    """
    if request.method != "POST":
        return render(request, "sso/link.html")
    return _to_provider(request, next_path="/settings/security", link=True)


def _to_provider(request: HttpRequest, *, next_path: str, link: bool) -> HttpResponse:
    try:
        check(SSO_SIGN_INS, client_address(request))
    except RateLimited:
        return render(request, "429.html", status=429)
    try:
        # Linking: the provider asks for the password again, so the person sees whom they link.
        view = _Request(**_extra(next_path, link=link))
    except SignInFailed as error:
        return failed(request, error)
    response: HttpResponse = view.get(request)
    user_id = request.user.pk if link else None
    flow.remember(request, next_path=next_path, link=user_id)
    if not request.user.is_authenticated:
        request.session.set_expiry(flow.TTL_S)
    return response


def _extra(next_path: str, *, link: bool) -> dict[str, str]:
    if link:
        return {"prompt": "login"}
    if next_path.startswith(reverse("admin:index")):
        # The admin asks for a recent proof; with `max_age` the ID token says when it was
        # (OpenID Connect Core, section 3.1.2.1).
        return {"max_age": str(settings.STAFF_REAUTHENTICATION * 60)}
    return {}


@method_decorator(never_cache, name="dispatch")
class Callback(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # the library has no types
    """Where the provider sends the browser back to, with a code or an error."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Sign the person in, or link the identity; otherwise the page that says why not."""
        _require_sso()
        try:
            return self._finish(request, flow.pop(request))
        except SignInFailed as error:
            return failed(request, error)

    def _finish(self, request: HttpRequest, begun: flow.Flow) -> HttpResponse:
        if request.GET.get("error") or not request.GET.get("code"):
            raise SignInFailed(Reason.DENIED, request.GET.get("error", "no code")[:200])
        if begun.link is not None and begun.link != request.user.pk:
            raise SignInFailed(Reason.EXPIRED, "another person is signed in now")
        # RFC 9207: a response of another provider.
        if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
            raise SignInFailed(Reason.INVALID, "a response of another issuer")
        backend = SsoBackend(link_to=begun.link)
        user = backend.authenticate(request, nonce=begun.nonce, code_verifier=begun.code_verifier)
        if user is None:
            raise SignInFailed(Reason.INVALID)
        if begun.link is None:
            _start_session(request, backend)
            if KEPT in request.session:
                return redirect("data")
        return HttpResponseRedirect(begun.next)


def _start_session(request: HttpRequest, backend: SsoBackend) -> None:
    """Sign the person in on this browser, in a session that remembers the provider's."""
    tokens, claims = backend.tokens, backend.id_claims
    if request.user.is_authenticated:
        # Ends the old session and its connections, also of the same person.
        auth.logout(request)
    auth.login(request, backend.identity.user, backend=BACKEND)
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    # The provider may have signed in without asking: then the proof is as old as its session.
    request.session[PROVED_AT] = claims.get("auth_time") or 0
    if proves_second_factor(claims):
        remember_second_factor(request, backend.identity.user)
    request.session[ORIGIN] = str(
        provider_sessions.begin(
            backend.identity,
            sid=str(claims.get("sid", "")),
            id_token=str(tokens["id_token"]),
            refresh_token=str(tokens.get("refresh_token", "")),
        )
    )


def _require_sso() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404
