"""Authentication by an access token: `Authorization: Bearer` (RFC 6750)."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import Error
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.accounts import scopes
from apps.accounts.actions import app_tokens, device_uses
from apps.accounts.models import User
from apps.accounts.queries.app_sessions import SignedIn, signed_in
from apps.accounts.tokens import Claims, read_access
from apps.core.authentication import AppSession
from apps.core.client_address import client_address
from apps.core.database import database_outages
from apps.core.errors import InvalidToken

if TYPE_CHECKING:
    from rest_framework.views import APIView

SCHEME = b"bearer"


def token_of(header: bytes) -> str | None:
    """The token in an Authorization header; None for another scheme. Raises SignedOut for a header
    that names the scheme and has no single token."""
    scheme, *rest = header.split()[:3] or [b""]
    if scheme.lower() != SCHEME:
        return None
    if len(rest) != 1:
        raise InvalidToken
    try:
        return rest[0].decode("ascii")
    except UnicodeDecodeError:
        raise InvalidToken from None


def authenticate(token: str) -> SignedIn:
    """Who is signed in with an access token. Raises SignedOut."""
    claims = read_access(token)
    found = signed_in(claims)
    if found is None:
        raise InvalidToken
    if found.is_new and isinstance(claims, Claims):
        confirm([claims])
    return found


def authenticate_person(token: str) -> SignedIn:
    """As `authenticate`, where no operation of the API describes what a token of a bot would have
    to cover. Raises SignedOut, and InsufficientScope for a bot."""
    found = authenticate(token)
    if found.scopes is not None:
        scopes.check_operation(found.scopes, "")
    return found


def confirm(arrived: Collection[Claims]) -> None:
    """Note that tokens of the newest refreshes of these apps have come back. Never raises."""
    try:
        app_tokens.confirm(arrived)
    except Error as error:  # the next request confirms it
        database_outages.failed(error)


class BearerAuthentication(BaseAuthentication):
    """For every API view, before the session: a request with a token needs no CSRF token, because
    no other site can make a browser send this header."""

    def authenticate(self, request: Request) -> tuple[User, AppSession] | None:
        """The person and the app. None without a token. Raises SignedOut."""
        token = token_of(get_authorization_header(request))
        if token is None:
            return None
        found = authenticate(token)
        plain = request._request
        agent = plain.headers.get("User-Agent", "")
        device_uses.record([device_uses.Use(found.session_key, agent, client_address(plain))])
        return found.user, AppSession(found.session_key, found.scopes)

    def authenticate_header(self, request: Request) -> str:
        """The scheme for `WWW-Authenticate`. Browsers open no dialog for this one."""
        return "Bearer"


class CoveredByToken(BasePermission):
    """For every API view: the token of a bot has to cover the operation. Methods that describe no
    operation are closed to bots."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Always true. Raises InsufficientScope."""
        if isinstance(request.auth, AppSession) and request.auth.scopes is not None:
            method = getattr(view, (request.method or "").lower().replace("head", "get"), None)
            described = getattr(method, "described", None)
            scopes.check_operation(request.auth.scopes, described.id if described else "")
        return True
