"""Deleting an account: it waits for some days, in which a sign-in takes it back.

`accounts.actions.erasing` deletes the account when the time is over. Decision 0042.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts import mails
from apps.accounts.access_handlers import Scope
from apps.accounts.actions import streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Deletion, User
from apps.accounts.queries.own_data import asking
from apps.accounts.staff_record import record_deed
from apps.core.errors import NotFound, NotPossible
from apps.core.limits import DELETIONS, limited
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup

logger = logging.getLogger(__name__)
wake = TaskWakeup("apps.accounts.tasks.erase_accounts")


@limited(DELETIONS)
def ask(user_id: UUID) -> Deletion:
    """Ask that the person's own account be deleted, and sign them out everywhere.

    The caller has made sure that the person proved themselves just now (`accounts.fresh_sign_in`,
    `accounts.suspended`). Raises NotFound for an account that something other than a suspension
    keeps closed, RateLimited.
    """
    return _begin(user_id, by=user_id, may_begin=lambda user: asking(user.id).exists())


def start(user_id: UUID, *, by: UUID | None = None, at_once: bool = False) -> Deletion:
    """Begin the deletion of an account, open or closed, as `by` or a program wishes. `at_once`:
    without the days in which it can be taken back. One that the person asked for becomes `by`'s,
    and is not put off. Raises NotPossible for an erased account."""
    try:
        return _begin(
            user_id,
            by=by,
            at_once=at_once,
            of_staff=True,
            may_begin=lambda user: user.erased_at is None,
        )
    except NotFound:
        raise NotPossible("This account is deleted already.") from None


def start_of_bot(bot_id: UUID, *, by: UUID | None) -> Deletion:
    """Begin the deletion of a bot, without days in which it can be taken back. Raises NotFound for
    what is no bot or is deleted already."""
    return _begin(
        bot_id, by=by, at_once=True, may_begin=lambda user: user.is_bot and user.erased_at is None
    )


@transaction.atomic
def _begin(
    user_id: UUID,
    *,
    by: UUID | None,
    may_begin: Callable[[User], bool],
    at_once: bool = False,
    of_staff: bool = False,
) -> Deletion:
    # Serializes with another request, and with closing the account.
    streams.lock([user_id])
    user = User.objects.filter(id=user_id).first()
    if user is None or not may_begin(user):
        raise NotFound
    days = timedelta(days=0 if at_once else runtime.DELETION_DAYS)
    now = timezone.now()
    row, created = Deletion.objects.get_or_create(
        user_id=user_id, defaults={"due_at": now + days, "by_id": by}
    )
    if created:
        end_access(Scope(user_id), way=Way.DELETION_ASKED, by=by)
        context = {"due_at": row.due_at, "waits": bool(days)}
        transaction.on_commit(partial(mails.send, user, "accounts/email/deletion_asked", context))
        logger.info("The account %s will be deleted at %s", user_id, row.due_at)
    changed = of_staff and not created and _take_over(row, by=by, due_at=now + days)
    if row.due_at <= now:
        transaction.on_commit(wake)
    if of_staff and (created or changed):
        due_at = row.due_at.isoformat()
        record_deed("begin_deletion", by=by, person=user_id, due_at=due_at)
    return row


def _take_over(row: Deletion, *, by: UUID | None, due_at: datetime) -> bool:
    """Make a deletion that waits the staff's own, and due at that time if that is sooner. Returns
    whether this changed anything."""
    is_own = row.by_id == row.user_id != by
    # A worker that erases locks a due row before the person's stream, which is locked here.
    if row.due_at <= timezone.now() or not (is_own or due_at < row.due_at):
        return False
    row.due_at = min(row.due_at, due_at)
    if is_own:
        row.by_id = by
    waiting = Deletion.objects.filter(user_id=row.user_id)
    return bool(waiting.update(due_at=row.due_at, by_id=row.by_id))


def try_again(user_id: UUID) -> UUID:
    """Wake a worker for the deletion of an account that is due. Returns whose it is. Raises
    NotFound."""
    if not Deletion.objects.filter(user_id=user_id, due_at__lte=timezone.now()).exists():
        raise NotFound
    transaction.on_commit(wake)
    return user_id


def take_back(user_id: UUID) -> bool:
    """Keep the account, and tell its person by mail. Returns False when there was nothing to take
    back: no deletion, or one that has begun."""
    return _take_back(Deletion.objects.filter(user_id=user_id))


def take_back_by(by: UUID, user_id: UUID) -> bool:
    """As `take_back`, for a member of staff, with a record of it."""
    with transaction.atomic():
        taken_back = take_back(user_id)
        if taken_back:
            record_deed("take_back_deletion", by=by, person=user_id)
    return taken_back


def take_back_own(user_id: UUID) -> bool:
    """As `take_back`, for a suspended person, who cannot sign in. Only what they asked for: what
    others began while the account is closed is for others to take back."""
    return _take_back(Deletion.objects.filter(user_id=user_id, by_id=user_id))


def _take_back(rows: "QuerySet[Deletion]") -> bool:
    with transaction.atomic():
        row = rows.filter(ending__isnull=True).select_for_update(no_key=True).first()
        if row is None:
            return False
        user = User.objects.get(id=row.user_id)
        row.delete()
    transaction.on_commit(
        partial(mails.send, user, "accounts/email/deletion_taken_back", {}), robust=True
    )
    logger.info("The account %s will not be deleted", user.id)
    return True
