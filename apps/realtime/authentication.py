"""Authenticates connections: by the session cookie, as pages do, or as an app, by an access token
or a ticket."""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from apps.accounts import bearer
from apps.accounts.actions import tickets
from apps.accounts.models import User
from apps.accounts.models.session import APP_PREFIX, app_session_key
from apps.accounts.sessions import SessionStore
from apps.accounts.tokens import AccessToken, Claims, read
from apps.core.errors import Invalid, SignedOut


class Credentials(NamedTuple):
    """What a client presents; nothing is asked of the database yet.

    `session_key` is that of the cookie, or that of the app that a signed token names. For a ticket
    it is a mere name: the session is known once the ticket is used.
    """

    session_key: str
    claims: Claims | None = None
    ticket: str = ""


def credentials_of(headers: Mapping[str, str], *, ticket: str = "") -> Credentials:
    """The credentials of a request: a token or a ticket before the cookie. Raises SignedOut and
    Invalid. `headers` has lower-case names."""
    token = bearer.token_of(headers.get("authorization", "").encode("latin-1", "replace"))
    if token is not None and ticket:
        raise Invalid("Send a token or a ticket, not both.")
    if token is not None:
        claims = read(AccessToken, token)
        return Credentials(app_session_key(claims.device), claims=claims)
    if ticket:
        if len(ticket) > tickets.MAX_LENGTH:
            raise SignedOut
        return Credentials(f"ticket:{tickets.digest(ticket)}", ticket=ticket)
    key = session_key_of(headers.get("cookie", ""))
    if not key:
        raise SignedOut
    return Credentials(key)


def needs_origin(headers: Mapping[str, str], *, ticket: str = "") -> bool:
    """Whether a page of another site could have sent this: browsers add cookies by themselves, but
    neither tokens nor tickets."""
    has_token = bool(ticket) or "authorization" in headers
    return not has_token or session_key_of(headers.get("cookie", "")) is not None


def session_key_of(cookies: str) -> str | None:
    """The session key in a Cookie header, or None. The key of an app is not accepted there."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel and not morsel.value.startswith(APP_PREFIX) else None


def signed_in(credentials: Credentials) -> tuple[User, str] | None:
    """The active user that these credentials sign in, and the key of the session; None for nobody.
    A ticket is used up."""
    if credentials.claims is not None:
        found = bearer.signed_in_with(credentials.claims)
        return None if found is None else (found.user, found.session_key)
    if credentials.ticket:
        return tickets.use(credentials.ticket)
    user = user_of(credentials.session_key)
    return None if user is None else (user, credentials.session_key)


def user_of(session_key: str) -> User | None:
    """The active user of a browser's session, or None."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None
