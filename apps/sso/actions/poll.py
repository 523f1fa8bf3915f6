"""Finds sessions that ended at the provider without a logout token.

Keycloak sends none when it disables a person, or when a session expires. So each stored session
is refreshed from time to time; that also keeps it alive there while it is used here. One that
nobody has used for OIDC_POLL_IDLE_HOURS is left alone: the provider ends it by its own rules, and
the next use here makes it due.
"""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from apps.accounts.access_handlers import SESSIONS, Scope
from apps.accounts.actions import sessions, streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Session
from apps.core.claims import claim, still_held
from apps.core.runtime import runtime
from apps.sso.actions import provider_sessions
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from apps.sso.models import Identity, ProviderSession, SignedOutSession, UsedToken
from apps.sso.sealing import seal, unseal

logger = logging.getLogger(__name__)
BATCH = 20
MAX_BATCHES = 50
# No request begins later than this; the last ones end well before the time limit of a task.
MAX_RUN_S = 30.0
THREADS = 4
# Longer than the slowest run.
LEASE = timedelta(seconds=300)
# A session that cannot be checked again and again is asked for less often.
MAX_BACKOFF_S = 900
# A sign-in stores its row before its web session.
MIN_AGE = timedelta(minutes=5)
MAX_ORPHANS = 1000
# Longer than a session at a provider lasts.
SIGNED_OUT_TTL = timedelta(days=400)
LIVE = Exists(Session.objects.filter(origin=OuterRef("id")))

Outcome = str | provider.Ended | ProviderUnavailable | None


def check_due() -> None:
    """Check the sessions that are due, in bounded batches.

    Stops when the provider is unavailable: an outage there ends nobody's session here.
    """
    idle = timedelta(hours=runtime.OIDC_POLL_IDLE_HOURS)
    used = Session.objects.filter(origin=OuterRef("id"), used_at__gt=Now() - idle)
    due = ProviderSession.objects.filter(
        Exists(used),
        # Not a join: the claim would lock the identity, too.
        identity__in=Identity.objects.filter(issuer=settings.OIDC_ISSUER),
        next_check_at__lt=Now(),
    ).exclude(refresh_token=b"")
    deadline = time.monotonic() + MAX_RUN_S
    for _ in range(MAX_BATCHES):
        rows = claim(due.order_by("next_check_at"), limit=BATCH, lease=LEASE)
        if not rows or not _check(rows, deadline) or time.monotonic() > deadline:
            return


def _check(rows: list[ProviderSession], deadline: float) -> bool:
    """Check claimed rows. Returns whether the provider responded to any of them.

    One session that always fails must not keep the others from being checked. When all fail, the
    provider is away.
    """
    outcomes = _outcomes(rows, deadline)
    asked = [outcome for outcome in outcomes if outcome is not None]
    is_away = all(isinstance(outcome, ProviderUnavailable) for outcome in asked)
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, provider.Ended):
            _end(row, outcome)
        else:
            _release(row, outcome, is_away=is_away)
    return not is_away


def _outcomes(rows: list[ProviderSession], deadline: float) -> list[Outcome]:
    """What the provider says of each session; None where no time was left to ask."""
    try:
        provider.discovery()  # once, not in each thread
    except ProviderUnavailable as error:
        return [error for _ in rows]
    # Only the requests run in threads: those have no connection to the database.
    with ThreadPoolExecutor(THREADS, thread_name_prefix="sso-poll") as pool:
        return list(pool.map(lambda row: _refresh(row, deadline), rows))


def _refresh(row: ProviderSession, deadline: float) -> Outcome:
    """The new refresh token of a session, or why there is none."""
    if time.monotonic() > deadline:
        return None
    refresh_token = unseal(row.refresh_token)
    if not refresh_token:
        # SECRET_KEY was changed: nobody can check this session any more.
        return provider.Ended("the refresh token cannot be decrypted")
    try:
        tokens = provider.refresh(refresh_token)
    except (provider.Ended, ProviderUnavailable) as error:
        return error
    # Where the provider keeps the old token, it sends none, or the same.
    return str(tokens.get("refresh_token") or refresh_token)


@transaction.atomic
def _end(row: ProviderSession, outcome: provider.Ended) -> None:
    """End the session, unless another worker has checked it since. Of a person who was disabled,
    end all: those of apps have no refresh token to be checked with."""
    # Before the row: see docs/locks.md.
    streams.lock(Identity.objects.filter(id=row.identity_id).values_list("user_id", flat=True))
    if not still_held(row):
        return
    if outcome.is_of_person:
        provider_sessions.end_all_of(row.identity_id, way=Way.POLL)
    else:
        provider_sessions.end(ProviderSession.objects.filter(id=row.id), way=Way.POLL)


@transaction.atomic
def _release(
    row: ProviderSession, outcome: str | ProviderUnavailable | None, *, is_away: bool
) -> None:
    """End the claim. A session that was not asked for stays due."""
    held = still_held(row)
    if held is None:
        return
    held.claimed_at = None
    if isinstance(outcome, str):
        held.refresh_token, held.failures = seal(outcome), 0
        held.next_check_at = provider_sessions.next_check()
    elif outcome is not None:
        held.failures += 0 if is_away else 1
        held.next_check_at = provider_sessions.next_check(_backoff_s(held.failures))
    held.save(update_fields=["claimed_at", "next_check_at", "failures", "refresh_token"])


def _backoff_s(failures: int) -> int:
    """The seconds that are added to the interval after that many failures in a row."""
    interval_s: int = runtime.OIDC_POLL_SECONDS
    return min(MAX_BACKOFF_S, interval_s * ((1 << min(failures, 10)) - 1))


def clear() -> None:
    """Delete what nothing needs any more, and end sessions that nothing checks any more."""
    old = ProviderSession.objects.filter(created_at__lt=Now() - MIN_AGE)
    provider_sessions.delete(old.exclude(LIVE))
    UsedToken.objects.filter(expires_at__lt=Now()).delete()
    SignedOutSession.objects.filter(at__lt=Now() - SIGNED_OUT_TTL).delete()
    others = Identity.objects.exclude(issuer=settings.OIDC_ISSUER)
    former = ProviderSession.objects.filter(identity__in=others)
    ended = provider_sessions.end(former, way=Way.POLL)
    if ended:
        logger.info("Ended %d sessions of former identity providers", ended)
    _end_orphans()


def _end_orphans() -> None:
    """End web sessions whose row is gone: a request that ran while a logout token ended the
    session has stored it again. A sign-in stores the row first, so these have had one."""
    row = Exists(ProviderSession.objects.filter(id=OuterRef("origin")))
    orphans = Session.objects.exclude(origin=None).exclude(row)[:MAX_ORPHANS]
    keys = sessions.of_origins(orphan.origin for orphan in orphans if orphan.origin)
    for user_id, ended in keys.items():
        end_access(Scope(user_id, only={SESSIONS: ended}), way=Way.POLL)
        logger.info("Ended %d sessions that have already ended at the provider", len(ended))
