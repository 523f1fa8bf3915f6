"""Authenticates connections: by the session cookie, as pages do, or as an app, by an access token
or a ticket."""

from collections.abc import Collection, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts import bearer
from apps.accounts.actions import tickets
from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key, is_browser_key
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
    """The session key in a Cookie header, or None, also for one that no browser was given."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return morsel.value if morsel and is_browser_key(morsel.value) else None


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


def signed_in_together(asked: Sequence[Credentials]) -> list[tuple[User, str] | Exception | None]:
    """`signed_in` for each, in their order, with two queries for all browsers. An exception stands
    where an answer should be."""
    users = _users_of({each.session_key for each in asked if _is_browser(each)})
    found: list[tuple[User, str] | Exception | None] = []
    for each in asked:
        try:
            if (user := users.get(each.session_key)) is not None and _is_browser(each):
                found.append((user, each.session_key))
            else:
                found.append(signed_in(each))
        except Exception as error:
            found.append(error)
    return found


def user_of(session_key: str) -> User | None:
    """The active user of a browser's session, or None."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None


def _is_browser(credentials: Credentials) -> bool:
    return credentials.claims is None and not credentials.ticket


def _users_of(session_keys: Collection[str]) -> dict[str, User]:
    """The users of those sessions that are plainly valid. About the others `user_of` decides: it
    also ends sessions that were signed with a former secret or password."""
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    stored = rows.values_list("session_key", "session_data")
    data = {key: SessionStore(key).decode(text) for key, text in stored}
    ids = {id_ for each in data.values() if (id_ := _id_in(each)) is not None}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    return {
        key: user
        for key, each in data.items()
        if (user := users.get(str(each.get(SESSION_KEY)))) is not None
        and each.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(each.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    }


def _id_in(data: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(data.get(SESSION_KEY))
    except (AttributeError, TypeError, ValueError):  # nobody is signed in, or no id of ours
        return None
