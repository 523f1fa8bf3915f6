"""Closes and reopens accounts, and changes their passwords."""

from uuid import UUID

from django.db import transaction

from apps.accounts.actions import sessions, streams
from apps.accounts.close_handlers import run_close_handlers
from apps.accounts.models import User


@transaction.atomic
def deactivate(user_id: UUID) -> None:
    """Close the account: the person can no longer sign in, and no app accepts a change by them.

    What each app ends stands in `accounts.close_handlers`; docs/decisions/0022 says what that is.
    """
    run_close_handlers(user_id)
    # After the locks of chats and of the person's stream: see docs/locks.md.
    User.objects.filter(id=user_id).update(is_active=False)


def activate(user_id: UUID) -> None:
    """The person may sign in again; what ended when the account was closed does not come back."""
    User.objects.filter(id=user_id).update(is_active=True)


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """Store the new password, hashed; every device has to sign in with it."""
    # A person's stream is locked before their row, as in a change of the profile.
    streams.lock([user.id])
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.sign_out_everywhere(user.id)
