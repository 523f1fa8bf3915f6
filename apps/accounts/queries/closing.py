"""Which accounts can be closed."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import Ending, User


def closable(user_id: UUID) -> "QuerySet[User]":
    """The account, unless something other than a suspension keeps it closed."""
    suspended = Q(closed_way=Ending.Way.SUSPENSION)
    return User.objects.filter(Q(is_active=True) | suspended, id=user_id)
