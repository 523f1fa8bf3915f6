"""Closes and reopens accounts, and changes their passwords."""

from uuid import UUID

from django.db import transaction

from apps.accounts.actions import sessions
from apps.accounts.models import User


@transaction.atomic
def deactivate(user_id: UUID) -> None:
    """The person can no longer sign in; whatever of theirs is open now ends."""
    User.objects.filter(id=user_id).update(is_active=False)
    sessions.sign_out_everywhere(user_id)


def activate(user_id: UUID) -> None:
    """The person may sign in again."""
    User.objects.filter(id=user_id).update(is_active=True)


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """Store the new password, hashed; every device has to sign in with it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.sign_out_everywhere(user.id)
