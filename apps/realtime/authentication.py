"""Authenticates connections: by the session cookie, as pages do, or as an app, by an access token
or a ticket."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest, parse_cookie

from apps.accounts import bearer
from apps.accounts.actions import tickets
from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key, is_browser_key
from apps.accounts.queries import open_sessions
from apps.accounts.queries.app_sessions import SignedIn, in_session, may_begin
from apps.accounts.sessions import SessionStore, is_valid
from apps.accounts.tokens import BotClaims, Claims, digest, read_access
from apps.core.errors import Invalid, SignedOut
from apps.core.reads import Read
from apps.core.reads import read as read_together


class Credentials(NamedTuple):
    """What a client presents; nothing is asked of the database yet.

    `session_key` is that of the cookie, or that of the app that a signed token names. For a ticket
    it is a mere name: the session is known once the ticket is used.
    """

    session_key: str
    claims: Claims | BotClaims | None = None
    ticket: str = ""


def credentials_of(headers: Mapping[str, str], *, ticket: str = "") -> Credentials:
    """The credentials of a request: a token or a ticket before the cookie. Raises SignedOut and
    Invalid. `headers` has lower-case names."""
    token = bearer.token_of(headers.get("authorization", "").encode("latin-1", "replace"))
    if token is not None and ticket:
        raise Invalid("Send a token or a ticket, not both.")
    if token is not None:
        claims = read_access(token)
        return Credentials(app_session_key(claims.device), claims=claims)
    if ticket:
        if len(ticket) > tickets.MAX_LENGTH:
            raise SignedOut
        return Credentials(f"ticket:{digest(ticket)}", ticket=ticket)
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
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return key if key and is_browser_key(key) else None


def signed_in(credentials: Credentials) -> SignedIn | None:
    """Whom these credentials sign in; None for nobody. A ticket is used up."""
    [found] = signed_in_together([credentials])
    if isinstance(found, Exception):
        raise found
    return found


def signed_in_together(
    asked: Sequence[Credentials], *others: Read[Any]
) -> list[SignedIn | Exception | None]:
    """`signed_in` for each, in their order, in one round trip, in which `others` are read as well.
    An exception stands where an answer should be. When this raises, no ticket is used up."""
    sessions = open_sessions.reading({each.session_key for each in asked if not each.ticket})
    used = tickets.using({each.ticket for each in asked if each.ticket})
    read_together(sessions, *([used] if used.parameters[0] else []), *others)
    rows = sessions.result
    if used.rows is not None:
        rows |= {f"ticket:{digest}": session for digest, session in used.result.items()}
    found: list[SignedIn | Exception | None] = []
    arrived: list[Claims] = []
    for each in asked:
        try:
            # Of two connections with the same ticket, one gets the session.
            row = rows.pop(each.session_key, None) if each.ticket else rows.get(each.session_key)
            if isinstance(row, Exception):
                raise row
            found.append(_user_in(row, each, arrived))
        except Exception as error:
            found.append(error)
    if arrived:
        bearer.confirm(arrived)
    return found


def user_of(session_key: str) -> User | None:
    """The active user of a browser's session, or None."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    return user if user.is_authenticated and user.is_active else None


def _user_in(
    row: Session | None, credentials: Credentials, arrived: list[Claims]
) -> SignedIn | None:
    """Who is signed in with an open session. Adds a token that is the first of its refresh to
    come back to `arrived`."""
    if row is None:
        return None
    if credentials.ticket:
        if row.user is None or not may_begin(row):
            return None
        return SignedIn(row.user, row.session_key, is_new=False)
    if credentials.claims is not None:
        found = in_session(row, credentials.claims)
        if found is not None and found.is_new and isinstance(credentials.claims, Claims):
            arrived.append(credentials.claims)
        return found
    # About a session that is not plainly valid `user_of` decides: it also ends sessions that were
    # signed with a former secret or password.
    user = _plainly_valid(row) or user_of(credentials.session_key)
    return None if user is None else SignedIn(user, credentials.session_key, is_new=False)


def _plainly_valid(row: Session) -> User | None:
    """The user of a browser's session if Django's `get_user` would return them as they are."""
    data = SessionStore(row.session_key).decode(row.session_data)
    return row.user if is_valid(row.user, data) else None
