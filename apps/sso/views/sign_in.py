"""Signing in at the identity provider: to it and back."""

import logging
import time
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import resume_request
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from apps.accounts import suspended
from apps.accounts.actions import proof
from apps.accounts.deletion_signals import KEPT
from apps.accounts.sessions import ORIGIN
from apps.accounts.staff import remember_second_factor
from apps.core.client_address import client_address
from apps.core.limits import SSO_SIGN_INS, check
from apps.sso import flow
from apps.sso.actions import provider_sessions
from apps.sso.backend import SsoBackend, callback_url, library_setting
from apps.sso.claims import auth_time, proves_second_factor
from apps.sso.errors import TEXTS, AccountClosed, Reason, SignInFailed
from apps.sso.gateways import provider

logger = logging.getLogger(__name__)
BACKEND = "apps.sso.backend.SsoBackend"
# The provider asks for the password, also in a session of its own: the person sees whom they link,
# or proves that it is them.
ASK_AGAIN = {"prompt": "login"}
# `max_age`: the ID token says when the person signed in (OpenID Connect Core, section 3.1.2.1).
NEW_PROOF = {**ASK_AGAIN, "max_age": "0"}
# Names of this machine, which browsers keep cookies of separately.
THIS_MACHINE = {"localhost", "127.0.0.1"}
MOVED = "moved"


def failed(request: HttpRequest, error: SignInFailed) -> HttpResponse:
    """The page that says why nobody was signed in."""
    logger.warning("Sign-in with the provider failed (%s): %s", error.reason.name, error)
    if isinstance(error, AccountClosed) and suspended.remember(
        request.session, error.person, signed_in_at=error.proved_at
    ):
        return redirect("suspended")
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
        """Our own address, which the request cannot choose, and the language of our page."""
        language = get_language() or settings.LANGUAGE_CODE
        return {"redirect_uri": callback_url(), "ui_locales": language, **self.extra}


@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Go to the provider's sign-in page, and come back to the path in `next`.

    A signed-in person goes there at once: a link of another site must not end their session.
    """
    _require_sso()
    next_path = request.GET.get("next", "/")
    if request.user.is_authenticated:
        return HttpResponseRedirect(flow.own_path(next_path))
    if (elsewhere := _at_public_url(request)) is not None:
        return elsewhere
    return _to_provider(request, next_path=next_path, extra=_extra(next_path))


def _at_public_url(request: HttpRequest) -> HttpResponse | None:
    """A redirect to the same page under the name in PUBLIC_URL: the provider sends people back to
    that, where a browser that came by `localhost` instead of `127.0.0.1` has no cookie of the
    sign-in. None when it has that name; once only, as a proxy may change the name."""
    here, public = split_domain_port(request.get_host())[0], urlsplit(settings.PUBLIC_URL).hostname
    if here == public or not {here, public} <= THIS_MACHINE or MOVED in request.GET:
        return None
    query = urlencode({**request.GET.dict(), MOVED: "1"})
    return HttpResponseRedirect(f"{settings.PUBLIC_URL}{request.path}?{query}")


@never_cache
@login_required
def link(request: HttpRequest) -> HttpResponse:
    """Link an identity to the account of the signed-in person, if it has a password.

    Without a password, somebody who finds an open screen could not be asked for one.
    """
    _require_sso()
    if request.method == "GET" and (elsewhere := _at_public_url(request)) is not None:
        return elsewhere
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
    return _to_provider(
        request, next_path="/settings/security", extra=ASK_AGAIN, link=request.user.pk
    )


@never_cache
@login_required
def prove(request: HttpRequest) -> HttpResponse:
    """Let a signed-in person prove at the provider that it is them, then go back to `next`."""
    _require_sso()
    next_path = request.GET.get("next", "/")
    return _to_provider(request, next_path=next_path, extra=NEW_PROOF, proof=request.user.pk)


def _to_provider(
    request: HttpRequest, *, next_path: str, extra: dict[str, str], **accounts: UUID | None
) -> HttpResponse:
    check(SSO_SIGN_INS, client_address(request))
    try:
        view = _Request(**extra)
    except SignInFailed as error:
        return failed(request, error)
    response: HttpResponse = view.get(request)
    flow.remember(request, next_path=next_path, **accounts)
    if not request.user.is_authenticated:
        request.session.set_expiry(flow.TTL_S)
    return response


def _extra(next_path: str) -> dict[str, str]:
    if next_path.startswith(reverse("admin:index")):
        # The admin asks for a recent proof; with `max_age` the ID token says when it was
        # (OpenID Connect Core, section 3.1.2.1).
        return {"max_age": str(settings.STAFF_REAUTHENTICATION * 60)}
    if next_path == reverse("suspended"):
        return NEW_PROOF
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
        account = begun.link or begun.proof
        if account is not None and account != request.user.pk:
            raise SignInFailed(Reason.EXPIRED, "another person is signed in now")
        # RFC 9207: a response of another provider.
        if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
            raise SignInFailed(Reason.INVALID, "a response of another issuer")
        backend = SsoBackend(link_to=begun.link, proof_of=begun.proof)
        try:
            user = backend.authenticate(
                request, nonce=begun.nonce, code_verifier=begun.code_verifier
            )
        except AccountClosed as error:
            error.proved_at = auth_time(backend.id_claims) or 0
            raise
        if user is None:
            raise SignInFailed(Reason.INVALID)
        if begun.proof is not None:
            return _resume(request, backend, begun.next)
        if begun.link is None:
            _start_session(request, backend)
            if KEPT in request.session:
                return redirect("data")
        return HttpResponseRedirect(begun.next)


def _resume(request: HttpRequest, backend: SsoBackend, next_path: str) -> HttpResponse:
    """Remember the proof, then repeat the request that asked for it."""
    at = auth_time(backend.id_claims) or 0
    if time.time() - at > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        raise SignInFailed(Reason.OTHER, "the provider has not asked for a new sign-in")
    origin = request.session.get(ORIGIN)
    if origin and not provider_sessions.renew(UUID(origin), backend.identity, **_tokens(backend)):
        raise SignInFailed(Reason.EXPIRED, "the session has ended meanwhile")
    proof.remember(request.session, at=at)
    # The address that allauth compares with that of the request which it keeps.
    request.GET = QueryDict(urlencode({"next": next_path}))
    response: HttpResponse | None = resume_request(request)
    return response or HttpResponseRedirect(next_path)


def _tokens(backend: SsoBackend) -> dict[str, str]:
    return {
        "sid": str(backend.id_claims.get("sid", "")),
        "id_token": str(backend.tokens["id_token"]),
        "refresh_token": str(backend.tokens.get("refresh_token", "")),
    }


def _start_session(request: HttpRequest, backend: SsoBackend) -> None:
    """Sign the person in on this browser, in a session that remembers the provider's."""
    claims = backend.id_claims
    # First: when the identity is unlinked in this moment, nobody is signed in.
    origin = provider_sessions.begin(backend.identity, **_tokens(backend))
    if request.user.is_authenticated:
        # Ends the old session and its connections, also of the same person.
        auth.logout(request)
    auth.login(request, backend.identity.user, backend=BACKEND)
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    # The provider may have signed in without asking: then the proof is as old as its session.
    proof.remember(request.session, at=auth_time(claims) or 0)
    if proves_second_factor(claims):
        remember_second_factor(request, backend.identity.user)
    request.session[ORIGIN] = str(origin)


def _require_sso() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404
