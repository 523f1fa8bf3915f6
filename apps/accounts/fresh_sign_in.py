"""Whether a person proved just now that it is them, for changes that an open screen must not allow.

A browser's session remembers the last sign-in and the last time that the password was typed again
(`accounts.staff`). An app signs in again, which begins a new session.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.functions import Now
from rest_framework.request import Request

from apps.accounts.models import Session
from apps.accounts.staff import PROVED_AT
from apps.core.authentication import AppSession
from apps.core.errors import FreshSignInRequired


def is_fresh(session: SessionBase) -> bool:
    """Whether the person of a browser's session signed in, or typed the password, just now."""
    age_s = time.time() - session.get(PROVED_AT, 0)
    return bool(age_s <= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def require_fresh(request: Request) -> None:
    """Raise FreshSignInRequired unless the sign-in of this API request is a few minutes old."""
    if isinstance(request.auth, AppSession):
        since = Now() - timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
        mine = Session.objects.filter(session_key=request.auth.session_key, began_at__gte=since)
        fresh = mine.exists()
    else:
        fresh = is_fresh(request._request.session)
    if not fresh:
        raise FreshSignInRequired
