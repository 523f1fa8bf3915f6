"""Whether a person proved just now that it is them, for changes that an open screen must not allow.

What the server remembers of a browser or an app (`accounts.app_data`) has the time of the last
proof: the sign-in, or a later proof (`accounts.actions.proof`, the page that asks for the password
again, the identity provider).
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from rest_framework.request import Request

from apps.accounts.app_data import client_data
from apps.accounts.models import User
from apps.accounts.staff import PROVED_AT
from apps.core.errors import FreshSignInRequired


def is_fresh(session: SessionBase) -> bool:
    """Whether the person of this session signed in, or proved again that it is them, just now."""
    age_s = time.time() - session.get(PROVED_AT, 0)
    return bool(age_s <= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def require_fresh(request: Request) -> None:
    """Raise FreshSignInRequired unless the last proof behind this API request is a few minutes
    old."""
    with proven(request):
        pass


@contextmanager
def proven(request: Request) -> Iterator[HttpRequest]:
    """As `accounts.app_data.client_data`, for a person who proved just now that it is them.

    Raises FreshSignInRequired.
    """
    with client_data(request) as plain:
        if not is_fresh(plain.session):
            raise FreshSignInRequired
        try:
            yield plain
        except ReauthenticationRequired:  # by allauth, a moment later
            raise FreshSignInRequired from None


def ask_for_proof(request: HttpRequest, user: User) -> HttpResponse | None:
    """Lead the person of a page to where they prove again that it is them. The request, with its
    form, is repeated after that.

    None when there is no such place: they can only sign out and in again. Raises
    ReauthenticationRequired, by which allauth leads them to the page that asks for the password.
    """
    if settings.LOCAL_ACCOUNTS and user.has_usable_password():
        raise ReauthenticationRequired
    if not settings.OIDC_ISSUER:
        return None
    response: HttpResponse = suspend_request(request, reverse("sso-prove"))
    return response


def without_proof(
    request: HttpRequest, user: User, page: str, context: Mapping[str, object]
) -> HttpResponse | None:
    """The response to a form of a page without a fresh proof; None with one. As `ask_for_proof`;
    where that is None, the page again, with `sign_in`."""
    if is_fresh(request.session):
        return None
    proof = ask_for_proof(request, user)
    return proof or render(request, page, {**context, "sign_in": True}, status=403)
