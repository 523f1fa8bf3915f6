"""What the admin asks of staff: a second factor, and a password typed a short while ago.

The session remembers both. Decision 0037 has the reasons.
"""

import time
from enum import Enum
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from apps.accounts.models import User
from apps.accounts.queries.second_factor import has_second_factor
from apps.accounts.sessions import ORIGIN

# The session's own keys. The first has the id of the person: a session may change its person.
SECOND_FACTOR = "second_factor_of"
PROVED_AT = "proved_at"


class Missing(Enum):
    """What a member of staff must do before the admin opens."""

    SET_UP = "set_up"  # a second factor, of which there is none
    SECOND_STEP = "second_step"  # sign in with it
    PROVIDER = "provider"  # the identity provider says nothing of a second factor
    RETYPE = "retype"  # the password again
    SIGN_IN = "sign_in"  # again, at the identity provider


def missing(request: HttpRequest) -> Missing | None:
    """What is still missing for the admin; None when it may open. Somebody is signed in."""
    user = cast(User, request.user)
    is_local = settings.LOCAL_ACCOUNTS and user.has_usable_password()
    if settings.STAFF_SECOND_FACTOR:
        proved = request.session.get(SECOND_FACTOR) == str(user.pk)
        # A proof of the identity provider outlasts a factor that was removed here.
        has_factor = has_second_factor(user.pk) or (proved and ORIGIN in request.session)
        if not is_local and not proved:
            return Missing.PROVIDER
        if is_local and not has_factor:
            return Missing.SET_UP
        if not proved:
            return Missing.SECOND_STEP
    age_s = time.time() - request.session.get(PROVED_AT, 0)
    if age_s > settings.STAFF_REAUTHENTICATION * 60:
        return Missing.RETYPE if is_local else Missing.SIGN_IN
    return None


def remembered(
    user_id: UUID, *, proved_at: float | None, second_factor: bool, origin: UUID | None
) -> dict[str, Any]:
    """What a new app's session remembers of the sign-in, as a browser's does."""
    data: dict[str, Any] = {PROVED_AT: time.time() if proved_at is None else proved_at}
    if second_factor:
        data[SECOND_FACTOR] = str(user_id)
    if origin:
        data[ORIGIN] = str(origin)
    return data


def remember_second_factor(request: HttpRequest, user: User) -> None:
    """This session's person has proved a second factor."""
    request.session[SECOND_FACTOR] = str(user.pk)


def on_used(*, request: HttpRequest, user: User, **_: Any) -> None:
    """Receiver: a code or a passkey was accepted."""
    remember_second_factor(request, user)


def on_sign_in(*, request: HttpRequest, **_: Any) -> None:
    """Receiver: somebody signed in just now."""
    request.session[PROVED_AT] = time.time()


def on_step(*, request: HttpRequest, reauthenticated: bool = False, **_: Any) -> None:
    """Receiver: somebody typed the password again just now."""
    if reauthenticated:
        request.session[PROVED_AT] = time.time()
