"""The sessions of apps: whether a token still signs somebody in."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key
from apps.accounts.tokens import Claims


class SignedIn(NamedTuple):
    """Who is signed in, and with which session. `is_new`: nothing that was made with the current
    refresh token had come back before this token."""

    user: User
    session_key: str
    is_new: bool


def signed_in(claims: Claims) -> SignedIn | None:
    """Who is signed in with an access token: one query, by the primary key.

    None when the device was signed out, the account is closed, or passwords are switched off
    (LOCAL_ACCOUNTS) and the app signed in with one.
    """
    row = _open(app_session_key(claims.device), claims.person)
    if row is None or row.user is None:
        return None
    is_new = row.refresh_id == claims.refresh_id and not row.refresh_confirmed
    return SignedIn(row.user, row.session_key, is_new)


def by_key(user_id: UUID, session_key: str) -> tuple[User, str] | None:
    """The person of an app's session and its key, if it signs somebody in."""
    row = _open(session_key, user_id)
    return None if row is None or row.user is None else (row.user, row.session_key)


def _open(session_key: str, user_id: UUID) -> Session | None:
    row = (
        Session.objects.select_related("user")
        .filter(
            session_key=session_key,
            user_id=user_id,
            user__is_active=True,
            expire_date__gt=timezone.now(),
        )
        .first()
    )
    return row if row is not None and may_begin(row) else None


def may_begin(row: Session) -> bool:
    """Whether sessions that began in this way are accepted at present."""
    return bool(settings.LOCAL_ACCOUNTS or row.origin is not None)
