"""Chooses the language of a response, and closes the pages of local accounts."""

from collections.abc import Callable
from functools import partial
from typing import cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware import locale
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from apps.accounts.actions import device_uses
from apps.accounts.models import User
from apps.accounts.sessions import SessionStore
from apps.core.client_address import client_address

SIGN_IN = {"account_login", "api-session", "api-tokens"}
PASSWORD_PAGES = {
    "account_signup",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_reauthenticate",
    # Of the admin.
    "password_change",
    "password_change_done",
}
CREDENTIALS = "Authorization"
# Of the pages of the second factor, and of the operations of the API that need local accounts.
LOCAL_PREFIXES = ("mfa_", "api-local-")


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user` as Django has it, from the read that found the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Set `request.user`, which is looked up when it is asked for."""
        super().process_request(request)
        request.user = cast(User, SimpleLazyObject(partial(_person, request)))


def _person(request: HttpRequest) -> User | AnonymousUser:
    store = request.session
    if isinstance(store, SessionStore) and (person := store.signed_in()) is not None:
        return person
    return get_user(request)


class DeviceUseMiddleware:
    """Records the last use of the device that sent the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        response = self.get_response(request)
        # A view that takes a token sets `request.user` from it. A cookie of the same request is not
        # checked, so it may be anything.
        if CREDENTIALS in request.headers or not isinstance(request.user, User):
            return response
        key = request.session.session_key
        if key and request.session.get(SESSION_KEY) == str(request.user.pk):
            agent = request.headers.get("User-Agent", "")
            device_uses.record([device_uses.Use(key, agent, client_address(request))])
        return response


class LocaleMiddleware(locale.LocaleMiddleware):
    """Pages use the language of the person's profile; before sign-in, the browser's.

    The API always uses English, for programs and their authors.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language. Needs the authentication middleware before it."""
        if request.path_info.startswith("/api/"):
            language = settings.LANGUAGE_CODE
        elif request.user.is_authenticated and request.user.locale in dict(settings.LANGUAGES):
            language = request.user.locale
        else:
            language = translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language


class LocalAccountsMiddleware:
    """Without local accounts (LOCAL_ACCOUNTS), pages and operations for passwords and the second
    factor do not exist.

    The sign-in page stays: it leads to the identity provider.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Raises Http404 for a page that is closed."""
        match = request.resolver_match
        name = match.url_name if match else None
        if settings.LOCAL_ACCOUNTS or name is None:
            return
        if name in PASSWORD_PAGES or name.startswith(LOCAL_PREFIXES):
            raise Http404
        if name in SIGN_IN and request.method == "POST":
            raise Http404
