"""Authenticates connections by the session cookie, as pages do."""

from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.sessions import SessionStore


def session_key_of(cookies: str) -> str | None:
    """The session key in a Cookie header, or None."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel else None


def user_of(session_key: str) -> User | None:
    """The active user signed in with this session, or None."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None
