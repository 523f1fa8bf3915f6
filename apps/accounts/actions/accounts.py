"""Closes and reopens accounts, and sets passwords."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts.access_handlers import Scope
from apps.accounts.actions import sessions, streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Deletion, Ending, User


@transaction.atomic
def deactivate(
    user_id: UUID, *, way: Way = Way.ADMINISTRATOR, by: UUID | None = None
) -> Ending | None:
    """Close the account: the person can no longer sign in, and no app accepts a change by them.

    `by`: the person who closes it. Returns the record of what ended; decision 0022 lists it. An
    account that is closed already stays closed in the way it was, unless an administrator closes
    it: the directory reopens only what it has closed itself.
    """
    ending = end_access(Scope(user_id, account=True), way=way, by=by)
    # After the locks of chats and of the person's stream: see docs/locks.md.
    accounts = User.objects.filter(id=user_id)
    if way != Way.ADMINISTRATOR:
        accounts = accounts.filter(is_active=True)
    accounts.update(is_active=False, closed_way=way)
    return ending


@transaction.atomic
def activate(user_id: UUID, *, closed_by: Way | None = None) -> None:
    """Let the person sign in again. What ended when the account was closed does not come back.

    Does nothing to an account whose deletion has begun, nor, with `closed_by`, to one that was
    closed in another way.
    """
    closed = User.objects.filter(id=user_id, erased_at=None)
    if closed_by:
        closed = closed.filter(closed_way=closed_by)
    # Locked by a statement of its own: one that has waited for a deletion to close the account
    # would not see that the deletion has begun.
    list(closed.select_for_update(no_key=True).values_list("id"))
    begun = Deletion.objects.filter(user_id=OuterRef("id"), ending_id__isnull=False)
    closed.filter(~Exists(begun)).update(is_active=True, closed_way="")


@transaction.atomic
def set_password(user: User, password: str, *, keep: str = "") -> None:
    """Store the new password, hashed, and sign out every device but the one whose session has the
    key `keep`."""
    # Lock the person's stream before their row, as a change of the profile does.
    streams.lock([user.id])
    user.set_password(password)
    user.save(update_fields=["password"])
    if keep:
        sessions.end_others(user.id, keep=keep, way=Way.PASSWORD)
    else:
        sessions.sign_out_everywhere(user.id, way=Way.PASSWORD, by=user.id)
