"""Signs apps in with tokens, renews the tokens, and finds refresh tokens that were stolen.

A refresh token works once: renewing it makes the next one (RFC 9700, section 4.14.2). One that
is presented after its successor was used has been stolen, and the device is signed out. Until then
it is a retry whose response was lost, and gets the same successor again. Decision 0034.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple, cast
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts.actions import sessions, streams
from apps.accounts.actions.access import Way
from apps.accounts.app_data import stored
from apps.accounts.models import Session, User
from apps.accounts.models.session import app_session_key
from apps.accounts.queries.app_sessions import may_begin
from apps.accounts.queries.profiles import get_active_user
from apps.accounts.staff import remembered
from apps.accounts.tokens import (
    REFRESH_TTL,
    AccessToken,
    Claims,
    RefreshToken,
    read,
    sign,
)
from apps.core.errors import InvalidToken, SignedOut
from apps.core.limits import DEVICES, REFRESHES, check, limited

logger = logging.getLogger(__name__)
# Requests of one app that overlap: the one before may be a little late, though its successor was
# used.
OVERLAP = timedelta(seconds=10)
MAX_APPS = 100
CONFIRM = """
UPDATE accounts_session SET refresh_confirmed = true
WHERE session_key IN (
    SELECT session.session_key
    FROM unnest(%s::text[], %s::uuid[]) AS arrived (session_key, refresh_id)
    JOIN accounts_session AS session USING (session_key, refresh_id)
    ORDER BY session.session_key FOR NO KEY UPDATE OF session SKIP LOCKED
)
"""


class Tokens(NamedTuple):
    """The tokens of one app, to be sent to it and nowhere else."""

    device: UUID
    access: str
    refresh: str


@limited(DEVICES)
@transaction.atomic
def begin(
    user_id: UUID,
    *,
    name: str = "",
    checked: str | None = None,
    origin: UUID | None = None,
    renewable_until: datetime | None = None,
    proved_at: float | None = None,
    second_factor: bool = False,
) -> Tokens:
    """Sign an app of the person in, as a new device. The caller has verified who it is; `checked`
    is the session hash of the password that it has checked.

    `proved_at`: when the person signed in (Unix time), if that was not now. `second_factor`: it was
    with a second factor, too. `origin` and
    `renewable_until` are those of the session (`Session`). A person has at most
    MAX_APPS; the least recently used one makes room. Raises NotFound when the account is closed.
    """
    # Closing the account locks the stream, too: no device is made after it.
    streams.lock([user_id])
    user = get_active_user(user_id)
    if checked is not None and not constant_time_compare(checked, user.get_session_auth_hash()):
        raise SignedOut("The password was changed.")
    _make_room(user_id)
    claims = Claims(user_id, device=uuid4(), refresh_id=uuid4())
    Session.objects.create(
        session_key=app_session_key(claims.device),
        session_data=stored(
            **remembered(user_id, proved_at=proved_at, second_factor=second_factor, origin=origin)
        ),
        expire_date=_expiry(timezone.now(), renewable_until),
        user_id=user_id,
        origin=origin,
        renewable_until=renewable_until,
        device_id=claims.device,
        name=name,
        refresh_id=claims.refresh_id,
        refreshed_at=timezone.now(),
    )
    return _tokens(claims)


def refresh(token: str) -> Tokens:
    """New tokens for a refresh token, which is used up. Raises SignedOut and RateLimited.

    A token that was used before ends its device.
    """
    claims = read(RefreshToken, token)
    check(REFRESHES, claims.device)
    renewed = _renew(claims)
    if renewed is None:
        logger.warning(
            "A refresh token of device %s of %s was used twice: the device is signed out",
            claims.device,
            claims.person,
        )
        # Not while the session's row is locked: the person's stream is locked before it.
        sessions.end(app_session_key(claims.device), way=Way.REUSED_TOKEN)
        raise InvalidToken
    return _tokens(renewed)


@transaction.atomic
def _renew(claims: Claims) -> Claims | None:
    """The claims of the next tokens; None for a token that was used before. Raises InvalidToken for
    one without a device."""
    row = _locked(claims)
    if row is None:
        raise InvalidToken
    now = timezone.now()
    if claims.refresh_id == row.refresh_id:
        row.former_refresh_id, row.refresh_id = row.refresh_id, uuid4()
        row.refreshed_at, row.refresh_confirmed = now, False
    elif not _is_retry(row, claims):
        return None
    row.expire_date = _expiry(now, row.renewable_until)
    row.save(
        update_fields=[
            "refresh_id",
            "former_refresh_id",
            "refreshed_at",
            "refresh_confirmed",
            "expire_date",
        ]
    )
    return Claims(claims.person, claims.device, cast(UUID, row.refresh_id))


def _expiry(now: datetime, renewable_until: datetime | None) -> datetime:
    """When a session that is refreshed now expires."""
    return min(now + REFRESH_TTL, renewable_until or datetime.max.replace(tzinfo=now.tzinfo))


def _locked(claims: Claims) -> Session | None:
    row = (
        Session.objects.select_for_update()
        .filter(
            session_key=app_session_key(claims.device),
            user_id=claims.person,
            expire_date__gt=timezone.now(),
        )
        .first()
    )
    if row is None or not may_begin(row):
        return None
    return row if User.objects.filter(id=claims.person, is_active=True).exists() else None


def _is_retry(row: Session, claims: Claims) -> bool:
    """Whether the token before the current one is presented by an app that cannot have used the
    current one: its response was lost, or is on its way."""
    if claims.refresh_id != row.former_refresh_id or row.refreshed_at is None:
        return False
    return not row.refresh_confirmed or timezone.now() - row.refreshed_at < OVERLAP


def confirm(arrived: Collection[Claims]) -> None:
    """Remember that the current tokens have arrived at these apps: from now on the refresh tokens
    before them are used up. Leaves out apps whose row is locked: their next request confirms."""
    keys = [app_session_key(claims.device) for claims in arrived]
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, [keys, [claims.refresh_id for claims in arrived]])


def revoke(token: str) -> None:
    """Sign the app of a refresh token out (RFC 7009). Does nothing for a token that is not valid,
    or whose device is gone."""
    try:
        claims = read(RefreshToken, token)
    except SignedOut:
        return
    check(REFRESHES, claims.device)
    row = Session.objects.filter(
        session_key=app_session_key(claims.device), user_id=claims.person
    ).first()
    if row is not None and claims.refresh_id in (row.refresh_id, row.former_refresh_id):
        sessions.end(row.session_key)


def _make_room(user_id: UUID) -> None:
    apps = Session.objects.filter(user_id=user_id).exclude(refresh_id=None)
    oldest = apps.order_by("-used_at").values_list("session_key", flat=True)[MAX_APPS - 1 :]
    for key in sorted(oldest):
        sessions.end(key, way=Way.ROOM)


def _tokens(claims: Claims) -> Tokens:
    return Tokens(claims.device, sign(AccessToken, claims), sign(RefreshToken, claims))
