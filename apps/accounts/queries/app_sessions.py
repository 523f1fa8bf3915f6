"""The sessions of apps: whether a token still signs somebody in."""

from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import constant_time_compare

from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key
from apps.accounts.queries import open_sessions
from apps.accounts.tokens import BotClaims, Claims
from apps.core.reads import result_of


class SignedIn(NamedTuple):
    """Who is signed in, and with which session. `is_new`: nothing that was made with the current
    refresh token had come back before this token. `scopes`: what the token of a bot covers; None
    for a person."""

    user: User
    session_key: str
    is_new: bool
    scopes: frozenset[str] | None = None


def signed_in(claims: Claims | BotClaims) -> SignedIn | None:
    """Who is signed in with an access token: one query, by the primary key.

    None when the device was signed out, the account is closed, or passwords are switched off
    (LOCAL_ACCOUNTS) and the app signed in with one.
    """
    key = app_session_key(claims.device)
    found = result_of(open_sessions.reading([key])).get(key)
    if isinstance(found, Exception):
        raise found
    return in_session(found, claims)


def in_session(row: Session | None, claims: Claims | BotClaims) -> SignedIn | None:
    """As `signed_in`, for the open session of the token's device, which has been read."""
    if isinstance(claims, BotClaims):
        return _as_bot(row, claims)
    if row is None or row.user is None or row.user_id != claims.person or not may_begin(row):
        return None
    is_new = row.refresh_id == claims.refresh_id and not row.refresh_confirmed
    return SignedIn(row.user, row.session_key, is_new)


def may_begin(row: Session) -> bool:
    """Whether sessions that began in this way are accepted at present."""
    return bool(settings.LOCAL_ACCOUNTS or row.origin is not None)


def scopes_of(row: Session) -> frozenset[str] | None:
    """What the token of this session covers; None for everything, as people have it."""
    return None if row.scopes is None else frozenset(row.scopes)


def _as_bot(row: Session | None, claims: BotClaims) -> SignedIn | None:
    if row is None or row.user is None or not row.token_digest:
        return None
    if not constant_time_compare(row.token_digest, claims.digest):
        return None
    return SignedIn(row.user, row.session_key, is_new=False, scopes=scopes_of(row))
