"""Finds people whom a command names."""

from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import User


def usernames_of(people: Collection[UUID], names: Collection[str]) -> dict[str, UUID]:
    """Those of these people who have one of the usernames, by username."""
    lower = {name.lower() for name in names}
    found = User.objects.filter(id__in=list(people), username__in=lower, is_active=True)
    return dict(found.values_list("username", "id"))
