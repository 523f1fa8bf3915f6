"""Keeps the link between web sessions here and sessions at the provider, and ends them together."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.actions import sessions, streams
from apps.sso.errors import InvalidToken
from apps.sso.models import Identity, ProviderSession, UsedLogoutToken
from apps.sso.sealing import seal
from apps.sso.tokens import LEEWAY_S


def begin(identity: Identity, *, sid: str, id_token: str, refresh_token: str) -> UUID:
    """Store a sign-in. Returns the origin of the web session that it begins."""
    return ProviderSession.objects.create(
        identity=identity,
        sid=sid,
        id_token=seal(id_token),
        refresh_token=seal(refresh_token) if refresh_token else b"",
        next_check_at=next_check(),
    ).id


def next_check(more_s: int = 0) -> datetime:
    """When the poll looks at a session that was checked just now."""
    return timezone.now() + timedelta(seconds=settings.OIDC_POLL_SECONDS + more_s)


def end(found: "QuerySet[ProviderSession]") -> int:
    """End these sessions here, with their live connections. Returns how many web sessions ended.

    It takes the locks in the order of docs/locks.md: these rows, then `accounts_session`.
    """
    with transaction.atomic():
        rows = _lock(found)
        ended = sessions.end_of_origins(rows)
        ProviderSession.objects.filter(id__in=rows).delete()
    return ended


def forget(origins: Iterable[UUID]) -> None:
    """Delete the tokens of sessions that ended here."""
    ProviderSession.objects.filter(id__in=list(origins)).delete()


def delete_all_of(user_id: UUID) -> None:
    """Delete the tokens of all the person's sessions: their account is being closed."""
    streams.lock([user_id])  # before any session: see docs/locks.md
    delete(ProviderSession.objects.filter(identity__user_id=user_id))


@transaction.atomic
def delete(found: "QuerySet[ProviderSession]") -> None:
    """Delete these rows, locked in the order of docs/locks.md."""
    ids = _lock(found)
    ProviderSession.objects.filter(id__in=ids).delete()


def _lock(found: "QuerySet[ProviderSession]") -> list[UUID]:
    locked = found.order_by("id").select_for_update(of=("self",))
    return list(locked.values_list("id", flat=True))


@transaction.atomic
def end_by_logout_token(claims: dict[str, Any]) -> int:
    """End what a verified logout token names: one session by `sid`, else all of the person.

    Raises InvalidToken when the token was used before. Returns how many web sessions ended.
    """
    _use_once(claims)
    found = ProviderSession.objects.filter(identity__issuer=claims["iss"])
    if subject := claims.get("sub"):
        found = found.filter(identity__subject=str(subject))
    if sid := claims.get("sid"):
        found = found.filter(sid=str(sid))
    return end(found)


def end_by_sid(issuer: str, sid: str) -> int:
    """End the session that a front-channel logout names."""
    if issuer != settings.OIDC_ISSUER or not sid:
        raise InvalidToken("not a session of our provider")
    return end(ProviderSession.objects.filter(identity__issuer=issuer, sid=sid))


def _use_once(claims: dict[str, Any]) -> None:
    digest = hashlib.sha256(f"{claims['iss']} {claims['jti']}".encode()).hexdigest()
    expires = datetime.fromtimestamp(claims["exp"] + LEEWAY_S, UTC)
    _, created = UsedLogoutToken.objects.get_or_create(
        digest=digest, defaults={"expires_at": expires}
    )
    if not created:
        raise InvalidToken("the logout token was used before")
