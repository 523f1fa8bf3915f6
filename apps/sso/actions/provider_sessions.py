"""Keeps the link between web sessions here and sessions at the provider, and ends them together."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.access_handlers import SESSIONS, Ended, Scope
from apps.accounts.actions import sessions, streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Session
from apps.accounts.models.session import APP_PREFIX
from apps.core.runtime import runtime
from apps.sso.actions.used_tokens import use_once
from apps.sso.errors import InvalidToken, Reason, SignInFailed
from apps.sso.models import Identity, ProviderSession, SignedOutSession
from apps.sso.sealing import seal

TOKENS = "provider tokens"
OF_APP = Exists(Session.objects.filter(origin=OuterRef("id"), session_key__startswith=APP_PREFIX))


def begin(identity: Identity, *, sid: str, id_token: str = "", refresh_token: str = "") -> UUID:
    """Store a sign-in, with the tokens that came with it. Returns the origin of the session that it
    begins here. Raises SignInFailed for an identity that was unlinked in this moment."""
    try:
        with transaction.atomic():
            return ProviderSession.objects.create(
                identity=identity,
                sid=sid,
                id_token=seal(id_token) if id_token else b"",
                refresh_token=seal(refresh_token) if refresh_token else b"",
                next_check_at=next_check(),
            ).id
    except IntegrityError as error:
        raise SignInFailed(Reason.EXPIRED, "the identity was unlinked") from error


def renew(origin: UUID, identity: Identity, *, sid: str, id_token: str, refresh_token: str) -> bool:
    """Store the tokens of a later sign-in in place of those that a session here began with. The
    person may have a new session at the provider. Returns whether the session still exists."""
    rows = ProviderSession.objects.filter(id=origin, identity=identity)
    return bool(
        rows.update(
            sid=sid,
            id_token=seal(id_token),
            refresh_token=seal(refresh_token) if refresh_token else b"",
            next_check_at=next_check(),
        )
    )


def next_check(more_s: int = 0) -> datetime:
    """When the poll looks at a session that was checked just now."""
    return timezone.now() + timedelta(seconds=runtime.OIDC_POLL_SECONDS + more_s)


def end(found: "QuerySet[ProviderSession]", *, way: Way) -> int:
    """End these sessions here, with their live connections. Returns how many web sessions ended.

    It takes the locks in the order of docs/locks.md: streams, these rows, then `accounts_session`.
    """
    with transaction.atomic():
        people = set(found.values_list("identity__user_id", flat=True))
        streams.lock(people)
        rows = _lock(found.filter(identity__user_id__in=people))
        keys = sessions.of_origins(rows)
        for user_id in sorted(keys):
            end_access(Scope(user_id, only={SESSIONS: keys[user_id]}), way=way)
        # Those whose web session is gone, or not stored yet.
        ProviderSession.objects.filter(id__in=rows).delete()
    return sum(map(len, keys.values()))


def end_of_scope(scope: Scope) -> Ended:
    """The handler of `accounts.access_handlers`: delete the tokens of sessions that end."""
    streams.lock([scope.user_id])  # before any session: see docs/locks.md
    found = ProviderSession.objects.filter(identity__user_id=scope.user_id)
    keys = scope.named(SESSIONS)
    if keys is not None:
        ended = Session.objects.filter(session_key__in=keys).exclude(origin=None)
        origins = [each for each in ended.values_list("origin", flat=True) if each]
        if not origins:
            return Ended()
        found = found.filter(id__in=origins)
    _remember_apps(found)
    return Ended({TOKENS: delete(found)})


def _remember_apps(found: "QuerySet[ProviderSession]") -> None:
    """Remember which of these signed an app in: the app still has tokens of the provider, and must
    not sign itself in again with them."""
    now = timezone.now()
    pairs = set(found.filter(OF_APP).values_list("identity_id", "sid"))
    SignedOutSession.objects.bulk_create(
        [SignedOutSession(identity_id=each, sid=sid, at=now) for each, sid in sorted(pairs)],
        update_conflicts=True,
        unique_fields=["identity", "sid"],
        update_fields=["at"],
    )


def left(user_id: UUID) -> Mapping[str, int]:
    """How many sessions at the provider the person has tokens of."""
    return {TOKENS: ProviderSession.objects.filter(identity__user_id=user_id).count()}


@transaction.atomic
def delete(found: "QuerySet[ProviderSession]") -> int:
    """Delete these rows, locked in the order of docs/locks.md. Returns how many."""
    ids = _lock(found)
    ProviderSession.objects.filter(id__in=ids).delete()
    return len(ids)


def _lock(found: "QuerySet[ProviderSession]") -> list[UUID]:
    locked = found.order_by("id").select_for_update(of=("self",))
    return list(locked.values_list("id", flat=True))


def end_all_of(identity_id: int, *, way: Way) -> int:
    """End all sessions of a person at the provider, those of apps, too."""
    return end(ProviderSession.objects.filter(identity_id=identity_id), way=way)


@transaction.atomic
def end_by_logout_token(claims: dict[str, Any]) -> int:
    """End what a verified logout token names: one session by `sid`, else all of the person.

    Raises InvalidToken when the token was used before. Returns how many web sessions ended.
    """
    use_once(claims)
    found = ProviderSession.objects.filter(identity__issuer=claims["iss"])
    if subject := claims.get("sub"):
        found = found.filter(identity__subject=str(subject))
    if sid := claims.get("sid"):
        found = found.filter(sid=str(sid))
    return end(found, way=Way.BACK_CHANNEL)


def end_by_sid(issuer: str, sid: str) -> int:
    """End the session that a front-channel logout names."""
    if issuer != settings.OIDC_ISSUER or not sid:
        raise InvalidToken("not a session of our provider")
    found = ProviderSession.objects.filter(identity__issuer=issuer, sid=sid)
    return end(found, way=Way.FRONT_CHANNEL)
