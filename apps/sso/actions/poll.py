"""Finds sessions that ended at the provider without a logout token.

Keycloak sends none when it disables a person, or when a session expires. So each stored session
is refreshed from time to time; that also keeps it alive there while it is used here.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import Session
from apps.core.claims import claim, still_held
from apps.sso.actions import provider_sessions
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from apps.sso.models import Identity, ProviderSession, UsedLogoutToken
from apps.sso.sealing import seal, unseal

BATCH = 20
MAX_BATCHES = 50
# With one more batch, in which every request is at its time limit, a run ends before the time
# limit of a task.
MAX_RUN_S = 30.0
THREADS = 4
# Longer than the slowest batch.
LEASE = timedelta(seconds=300)
# A sign-in stores its row before its web session.
MIN_AGE = timedelta(minutes=5)
LIVE = Exists(Session.objects.filter(origin=OuterRef("id")))


def check_due() -> None:
    """Check the sessions that are due, in bounded batches.

    Stops at the first sign that the provider is unavailable: an outage there ends nobody's
    session here.
    """
    due = ProviderSession.objects.filter(
        LIVE,
        # Not a join: the claim would lock the identity, too.
        identity__in=Identity.objects.filter(issuer=settings.OIDC_ISSUER),
        checked_at__lt=Now() - timedelta(seconds=settings.OIDC_POLL_SECONDS),
    ).exclude(refresh_token=b"")
    deadline = time.monotonic() + MAX_RUN_S
    for _ in range(MAX_BATCHES):
        rows = claim(due.order_by("checked_at"), limit=BATCH, lease=LEASE)
        if not rows or not _check(rows) or time.monotonic() > deadline:
            return


def _check(rows: list[ProviderSession]) -> bool:
    """Check claimed rows. Returns whether the provider responded to all of them."""
    # Only the requests run in threads: those have no connection to the database.
    with ThreadPoolExecutor(THREADS, thread_name_prefix="sso-poll") as pool:
        outcomes = list(pool.map(_refresh, [unseal(row.refresh_token) for row in rows]))
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, provider.Ended):
            provider_sessions.end(ProviderSession.objects.filter(id=row.id))
        elif isinstance(outcome, ProviderUnavailable):
            _release(row)
        else:
            _release(row, refresh_token=outcome)
    return not any(isinstance(outcome, ProviderUnavailable) for outcome in outcomes)


def _refresh(refresh_token: str) -> str | provider.Ended | ProviderUnavailable:
    """The new refresh token of a session, or why there is none."""
    try:
        tokens = provider.refresh(refresh_token)
    except (provider.Ended, ProviderUnavailable) as error:
        return error
    # Where the provider keeps the old token, it sends none, or the same.
    return str(tokens.get("refresh_token") or refresh_token)


@transaction.atomic
def _release(row: ProviderSession, *, refresh_token: str | None = None) -> None:
    """End the claim. Without a new refresh token the session was not checked, and stays due."""
    held = still_held(row)
    if held is None:
        return
    held.claimed_at = None
    if refresh_token is not None:
        held.checked_at = timezone.now()
        held.refresh_token = seal(refresh_token)
    held.save(update_fields=["claimed_at", "checked_at", "refresh_token"])


def clear() -> None:
    """Delete the tokens of sessions that ended here, and logout tokens that have expired."""
    old = ProviderSession.objects.filter(created_at__lt=Now() - MIN_AGE)
    old.exclude(LIVE).delete()
    UsedLogoutToken.objects.filter(expires_at__lt=Now()).delete()
