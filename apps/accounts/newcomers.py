"""Limits of new accounts: what spammers do at once, and other people hardly do on their first day.

They count in the period NEWCOMER_HOURS as a whole, besides the limits of `apps.core.limits`. Not
limited are staff, bots (each belongs to somebody who is), and people whom the identity provider or
the directory knows (NEWCOMER_SSO).
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.contrib.auth.hashers import is_password_usable
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import NewAccount, RateLimited
from apps.core.identifiers import first_id_at
from apps.core.limits import Limit, check
from apps.core.runtime import runtime

P = ParamSpec("P")
R = TypeVar("R")


def is_recent(person: UUID) -> bool:
    """Whether the account is younger than NEWCOMER_HOURS. Asks no database: the id has the time."""
    hours = runtime.NEWCOMER_HOURS
    return bool(hours) and person > first_id_at(timezone.now() - timedelta(hours=hours))


def check_newcomer(limit: Limit, person: UUID) -> None:
    """Count a use by a new account; do nothing for others. Raises NewAccount."""
    if not is_recent(person) or not _is_limited(person):
        return
    try:
        check(limit, person)
    except RateLimited:
        raise NewAccount from None


def limited_at_first(
    limit: Limit,
) -> Callable[[Callable[Concatenate[UUID, P], R]], Callable[Concatenate[UUID, P], R]]:
    """Decorate an action: count each call of a new account, before `@limited` counts it."""

    def decorate(action: Callable[Concatenate[UUID, P], R]) -> Callable[Concatenate[UUID, P], R]:
        @wraps(action)
        def counted(person: UUID, /, *args: P.args, **kwargs: P.kwargs) -> R:
            check_newcomer(limit, person)
            return action(person, *args, **kwargs)

        return counted

    return decorate


def _is_limited(person: UUID) -> bool:
    rows = User.objects.filter(id=person, is_staff=False, is_bot=False)
    password = rows.values_list("password", flat=True).first()
    if password is None:
        return False
    return bool(runtime.NEWCOMER_SSO) or is_password_usable(password)
