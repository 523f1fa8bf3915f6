"""What changes in single sign-on when a person signs in or out, in whatever way."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from apps.accounts.sessions import ORIGIN
from apps.sso.actions import provider_sessions


def forget_provider_session(*, request: HttpRequest, **_: Any) -> None:
    """Delete the tokens of the session that ends: on the page, by the API, or by another sign-in.

    The receiver of `user_logged_out`, which is sent before the session is deleted.
    """
    if origin := request.session.get(ORIGIN):
        provider_sessions.forget([UUID(origin)])


def end_short_lifetime(*, request: HttpRequest, **_: Any) -> None:
    """Give the session its normal lifetime: a sign-in at the provider that was begun and left made
    it short. The receiver of `user_logged_in`."""
    request.session.set_expiry(None)
