"""Signs apps in with an access token that they got from the identity provider.

In the spirit of token exchange (RFC 8693): the app gets tokens of this server, so its device can be
signed out here. Decision 0035.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.accounts.actions import app_tokens, deletions, streams
from apps.core.errors import LoginRequired, NotFound
from apps.core.runtime import runtime
from apps.sso.actions import identities, provider_sessions
from apps.sso.actions.used_tokens import use_once
from apps.sso.claims import auth_time, person, proves_second_factor
from apps.sso.errors import InvalidToken, Reason, SignInFailed
from apps.sso.gateways import provider
from apps.sso.models import Identity, ProviderSession, SignedOutSession
from apps.sso.tokens import verify_access_token

logger = logging.getLogger(__name__)


def exchange(access_token: str, *, name: str, locale: str) -> app_tokens.Tokens:
    """Tokens of this server for a new device with that name. The account of an unknown person is
    created, as at the first sign-in with a browser.

    Raises SignInFailed, LoginRequired and RateLimited.
    """
    claims = verify_access_token(access_token)
    about = provider.userinfo(access_token)
    _same_person(about, claims)
    # The signed token wins where both say something.
    identity = identities.sign_in(person({**about, **claims}), locale=locale)
    # Stored before the question: a logout that the provider sends after its response finds the row
    # and deletes it, and one before makes the token inactive.
    origin = ProviderSession.objects.filter(id=provider_sessions.begin(identity, sid=claims["sid"]))
    try:
        _require_active(access_token, claims)
        tokens = _begin(identity, origin, claims, name)
    except Exception:
        provider_sessions.delete(origin)
        raise
    # Not before: an app that was signed out still has tokens of the provider, and is refused.
    deletions.take_back(identity.user_id)
    return tokens


def _require_active(access_token: str, claims: Mapping[str, Any]) -> None:
    """Raises InvalidToken when the session has ended at the provider or the person is disabled."""
    described = provider.introspect(access_token)
    if described.get("active") is not True:
        raise InvalidToken("the provider says that the token is not active")
    _same_person(described, claims)


def _same_person(described: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """OpenID Connect Core 1.0, section 5.3.2: another `sub` is about another person."""
    if not constant_time_compare(str(described.get("sub", "")), claims["sub"]):
        raise InvalidToken("the provider describes another person")


@transaction.atomic
def _begin(
    identity: Identity, origin: Any, claims: Mapping[str, Any], name: str
) -> app_tokens.Tokens:
    use_once(claims)
    # The order of docs/locks.md.
    streams.lock([identity.user_id])
    row = origin.select_for_update().first()
    if row is None:
        raise InvalidToken("the session has ended at the provider")
    _require_later_sign_in(identity, claims)
    try:
        return app_tokens.begin(
            identity.user_id,
            name=name,
            origin=row.id,
            renewable_until=timezone.now() + timedelta(days=runtime.OIDC_APP_DAYS),
            # The app may have got the token without asking the person for anything.
            proved_at=auth_time(claims) or 0,
            second_factor=proves_second_factor(claims),
        )
    except NotFound as error:  # closed in this moment
        raise SignInFailed(Reason.CLOSED) from error


def _require_later_sign_in(identity: Identity, claims: Mapping[str, Any]) -> None:
    """Raises LoginRequired for a session at the provider whose app was signed out here, unless the
    person has signed in there since (`auth_time`)."""
    found = SignedOutSession.objects.filter(identity=identity, sid=claims["sid"]).first()
    if found is None:
        return
    signed_in = auth_time(claims)
    if not signed_in or datetime.fromtimestamp(signed_in, UTC) <= found.at:
        raise LoginRequired
