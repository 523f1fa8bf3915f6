"""Closes and reopens accounts, and sets passwords."""

from uuid import UUID

from django.db import transaction

from apps.accounts.actions import sessions, streams
from apps.accounts.close_handlers import run_close_handlers
from apps.accounts.models import User


@transaction.atomic
def deactivate(user_id: UUID) -> None:
    """Close the account: the person can no longer sign in, and no app accepts a change by them.

    Calls the handlers that the apps registered in `accounts.close_handlers`; decision 0022 lists
    what they end.
    """
    run_close_handlers(user_id)
    # After the locks of chats and of the person's stream: see docs/locks.md.
    User.objects.filter(id=user_id).update(is_active=False)


def activate(user_id: UUID) -> None:
    """Let the person sign in again. What ended when the account was closed does not come back."""
    User.objects.filter(id=user_id).update(is_active=True)


@transaction.atomic
def set_password(user: User, password: str, *, keep: str = "") -> None:
    """Store the new password, hashed, and sign out every device but the one whose session has the
    key `keep`."""
    # Lock the person's stream before their row, as a change of the profile does.
    streams.lock([user.id])
    user.set_password(password)
    user.save(update_fields=["password"])
    if keep:
        sessions.end_others(user.id, keep=keep)
    else:
        sessions.sign_out_everywhere(user.id)
