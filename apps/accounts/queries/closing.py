"""Which accounts can be closed, and which are closed by a suspension alone."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import Ending, User


def closable(user_id: UUID) -> "QuerySet[User]":
    """The account, unless something other than a suspension keeps it closed."""
    suspended = Q(closed_way=Ending.Way.SUSPENSION)
    return User.objects.filter(Q(is_active=True) | suspended, id=user_id)


def closed_by_suspension() -> Q:
    """Accounts that only moderators have closed: when an administrator or the directory
    closes a suspended account, or moderators suspend a closed one, it counts as closed."""
    return Q(is_active=False, closed_way=Ending.Way.SUSPENSION, suspension__isnull=False)
