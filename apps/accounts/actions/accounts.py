"""Closes and reopens accounts, and sets passwords."""

from uuid import UUID

from django.db import transaction

from apps.accounts.access_handlers import Scope
from apps.accounts.actions import sessions, streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.actions.reopening import reopen
from apps.accounts.models import Ending, Suspension, User
from apps.accounts.queries.closing import closable
from apps.accounts.queries.deletions import may_open
from apps.accounts.staff_record import record_deed


@transaction.atomic
def deactivate(
    user_id: UUID, *, way: Way = Way.ADMINISTRATOR, by: UUID | None = None
) -> Ending | None:
    """Close the account: the person can no longer sign in, and no app accepts a change by them.

    `by`: the person who closes it. Returns the record of what ended; decision 0022 lists it. An
    account that is closed already stays closed in the way it was, unless an administrator closes
    it: the directory reopens only what it has closed itself. A suspended one is closed in both.
    """
    ending = end_access(Scope(user_id, account=True), way=way, by=by)
    # After the locks of chats and of the person's stream: see docs/locks.md.
    by_administrator = way == Way.ADMINISTRATOR
    accounts = User.objects.filter(id=user_id) if by_administrator else closable(user_id)
    accounts.update(is_active=False, closed_way=way)
    return ending


@transaction.atomic
def activate(user_id: UUID, *, closed_by: Way | None = None) -> None:
    """Let the person sign in again. What ended when the account was closed does not come back.

    Does nothing to an account whose deletion has begun, nor, with `closed_by`, to one that was
    closed in another way. A suspended one stays closed until the suspension ends.
    """
    # The stream first, as when the account is closed.
    streams.lock(User.objects.filter(id=user_id).values_list("id", flat=True))
    # A suspension begins and ends under this lock, too. What is read after it was not read before
    # somebody else, who had the lock, committed.
    user = User.objects.select_for_update(no_key=True).filter(id=user_id).first()
    if user is None or (closed_by and user.closed_way != closed_by) or not may_open(user):
        return
    if Suspension.objects.filter(user_id=user_id).exists():
        User.objects.filter(id=user_id).update(is_active=False, closed_way=Way.SUSPENSION)
    elif not user.is_active:
        reopen(user)


@transaction.atomic
def reopen_by(by: UUID | None, user_id: UUID) -> None:
    """As `activate`, by an administrator or (None) an operator. Recorded if it opens something."""
    was_open = User.objects.filter(id=user_id, is_active=True).exists()
    activate(user_id)
    if not was_open and User.objects.filter(id=user_id, is_active=True).exists():
        record_deed("reopen_account", by=by, person=user_id)


@transaction.atomic
def close_by(by: UUID | None, user_id: UUID, *, only_sessions: bool = False) -> Ending | None:
    """Close the account, or only end its sessions, by an administrator or (None) an operator."""
    way = Way.ADMINISTRATOR if by else Way.COMMAND
    end = sessions.sign_out_everywhere if only_sessions else deactivate
    ending = end(user_id, way=way, by=by)
    details = {"ending": str(ending.id)} if ending else {}
    record_deed(
        "end_sessions" if only_sessions else "close_account", by=by, person=user_id, **details
    )
    return ending


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
