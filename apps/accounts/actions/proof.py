"""Lets a signed-in person prove again that it is them (`accounts.fresh_sign_in`)."""

import time

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.staff import PROVED_AT
from apps.core.errors import FreshSignInRequired, Invalid, RateLimited

RETRY_AFTER_S = 60.0


def by_password(request: HttpRequest, user: User, password: str) -> None:
    """Check the password, with the limits of the sign-in page, and remember the proof.

    Raises Invalid for a wrong one, RateLimited, and FreshSignInRequired for an account without a
    password: its person signs in again.
    """
    if not user.has_usable_password():
        raise FreshSignInRequired
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        raise RateLimited(retry_after=RETRY_AFTER_S)
    try:
        right = get_adapter(request).reauthenticate(user, password)
    except ValidationError as error:
        raise RateLimited(retry_after=RETRY_AFTER_S) from error
    if not right:
        raise Invalid("Wrong password.", pointer="#/password", reason="Wrong password.")
    remember(request.session)


def remember(session: SessionBase, *, at: float | None = None) -> None:
    """The person of this session has proved now, or at a Unix time, that it is them."""
    session[PROVED_AT] = time.time() if at is None else at
