"""What becomes of messages that wait for a moderator (`holding` stores them): they are approved,
refused or withdrawn, or end because nobody decides in time.

An approved message is a scheduled message that is due now.
"""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.chats.actions import scheduled_rows as rows
from apps.chats.actions.holding import REFUSED, UNDECIDED, WITHDRAWN
from apps.chats.content_rules import content_rules
from apps.chats.models import Scheduled
from apps.chats.queries.scheduled import get_scheduled
from apps.core.errors import NotFound, NotPossible
from apps.core.limits import SCHEDULED, limited
from apps.files.actions.uploads import UNUSED_TTL

State = Scheduled.State
MAX_ENDED_PER_PASS = 100


@limited(SCHEDULED)
def withdraw(user_id: UUID, scheduled_id: UUID) -> None:
    """Withdraw a message that waits for a moderator. Raises NotFound, and NotPossible for one that
    does not wait (any more)."""
    with transaction.atomic():
        row = get_scheduled(user_id, scheduled_id)
        check_waits(row)
        row.reason = WITHDRAWN
        rows.empty(row, State.CANCELLED, ttl=UNUSED_TTL)
        rows.write(row)
        content_rules().tell_held(user_id, False)


def lock_held(scheduled_id: UUID) -> Scheduled:
    """A message that was held, locked until the end of the transaction. Raises NotFound."""
    found = Scheduled.objects.select_for_update().exclude(held_at=None).filter(id=scheduled_id)
    if (row := found.first()) is None:
        raise NotFound
    return row


def approve(row: Scheduled) -> None:
    """Have a locked row sent as its sender, with all checks of that moment but the rule that held
    it. Raises NotPossible."""
    check_waits(row)
    row.state, row.due_at, row.approved = State.WAITING, timezone.now(), True
    rows.write(row)


def refuse(row: Scheduled, answer: str) -> None:
    """Give a locked row back to its sender, who reads the answer. Raises NotPossible."""
    check_waits(row)
    row.state, row.reason, row.answer = State.FAILED, REFUSED, answer
    row.due_at = timezone.now()
    rows.write(row)


def end_undecided() -> int:
    """Give messages that waited too long back to their senders. Returns how many."""
    late = Scheduled.objects.filter(state=State.HELD, due_at__lte=Now()).order_by("due_at", "id")
    ended = 0
    for scheduled_id in late.values_list("id", flat=True)[:MAX_ENDED_PER_PASS]:
        with transaction.atomic():
            row = late.select_for_update(skip_locked=True).filter(id=scheduled_id).first()
            if row is not None:
                row.state, row.reason = State.FAILED, UNDECIDED
                rows.write(row)
                content_rules().tell_held(row.user_id, False)
                ended += 1
    return ended


def check_waits(row: Scheduled) -> None:
    """Raises NotPossible for a row that does not wait for a moderator (any more)."""
    if row.state != State.HELD:
        raise NotPossible(gettext_noop("This message does not wait for a moderator any more."))
