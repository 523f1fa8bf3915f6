"""Whose data and whose account can be asked for."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.queries.closing import closed_by_suspension


def asking(user_id: UUID) -> "QuerySet[User]":
    """The person, if they may ask for a copy of their data and for the deletion of their account:
    it is open, or suspended. Not while something else keeps it closed."""
    open_or_suspended = Q(is_active=True) | closed_by_suspension()
    return User.objects.filter(open_or_suspended, id=user_id, erased_at=None)
