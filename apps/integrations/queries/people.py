"""Finds people whom a command names."""

from collections.abc import Collection
from uuid import UUID

from apps.accounts.models import User


def bots_among(people: Collection[UUID]) -> list[str]:
    """The usernames of those who are bots, in their order."""
    bots = User.objects.filter(id__in=list(people), is_bot=True).order_by("username")
    return list(bots.values_list("username", flat=True))


def usernames_of(people: Collection[UUID], names: Collection[str]) -> dict[str, UUID]:
    """Those of these people who have one of the usernames, by username."""
    lower = {name.lower() for name in names}
    found = User.objects.filter(id__in=list(people), username__in=lower, is_active=True)
    return dict(found.values_list("username", "id"))
