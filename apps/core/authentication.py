"""Authentication of API requests by the web session, and what views ask of a request."""

from typing import NamedTuple, cast
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class ApiSessionAuthentication(SessionAuthentication):
    """DRF's session authentication, but with 401 for a missing session instead of 403."""

    def authenticate_header(self, request: Request) -> str:
        """The scheme for `WWW-Authenticate`. Browsers open no dialog for this one."""
        return "Session"


class AppSession(NamedTuple):
    """`request.auth` of a request with a token: the session of the app, and what the token of a bot
    covers; None for everything that its person may do."""

    session_key: str
    scopes: frozenset[str] | None = None


def session_key(request: Request) -> str:
    """The key of the session that the request was made with; it must not leave the server."""
    if isinstance(request.auth, AppSession):
        return request.auth.session_key
    return request._request.session.session_key or ""


def person_id(request: Request | HttpRequest) -> UUID:
    """The id of the signed-in person. Use it only in views that require sign-in (the default of the
    API)."""
    return cast(UUID, request.user.pk)
