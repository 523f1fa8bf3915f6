"""Stores messages that rules of the moderators hold: they wait for a decision, where scheduled
messages wait for a time.

`messages.send_batch` calls it in the transaction of a batch; `held` has what happens next.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.chats.actions import scheduled_rows as rows
from apps.chats.content_rules import content_rules
from apps.chats.models import Message, Scheduled
from apps.chats.queries.access import get_membership
from apps.core.errors import AgainstRules, ChatClosed, Held, NotFound, Refused, TooManyHeld
from apps.core.runtime import runtime
from apps.wire import bodies

State = Scheduled.State
# Of one person: what they write again and again must not fill the moderators' queue.
MAX_HELD = 20
# Of one person, with what is scheduled and what moderators refused: each snapshot has all of it.
MAX_OPEN = 200
# `reason` of a message that its sender withdrew, that moderators refused, and that nobody decided.
WITHDRAWN, REFUSED, UNDECIDED = "withdrawn", "refused", "undecided"


@transaction.atomic
def hold(
    user_id: UUID,
    chat_id: UUID,
    *,
    client_id: UUID,
    text: str,
    reply_to: int | None,
    files: Sequence[UUID],
    rules: Collection[int],
    layout: bodies.Layout | None = None,
) -> Refused:
    """Store a message that waits for a moderator, as a new row or in the row of the scheduled
    message that is sent. Returns Held, also for a repeat; AgainstRules if moderators refused it.

    Raises NotFound, ChatClosed, FileGone, and TooManyHeld beyond MAX_HELD that wait.
    """
    mine = Scheduled.objects.filter(user_id=user_id)
    once = mine.select_for_update().filter(chat_id=chat_id, client_id=client_id)
    row = once.first()
    if row is not None and (known := _known(row)) is not None:
        return known
    rows.locked_files(user_id, {*files, *(row.file_ids if row else ())})
    # As for a scheduled message: it serializes with repeats and with closing the account.
    streams.lock([user_id])
    if row is None and (row := once.first()) is not None and (known := _known(row)) is not None:
        return known
    _check(user_id, chat_id, reply_to)
    if row is None:
        row = Scheduled(user_id=user_id, chat_id=chat_id, client_id=client_id)
    _check_room(user_id, row.id)
    rows.change_files(row, files)
    row.text, row.reply_to, row.state, row.seq = text, reply_to, State.HELD, None
    row.layout = layout and msgspec.to_builtins(layout)
    row.reason, row.answer, row.approved = "", "", False
    row.held_at, row.held_by = timezone.now(), content_rules().describe(rules)
    row.due_at = row.held_at + timedelta(days=runtime.HELD_DAYS)
    rows.write(row)
    return Held()


def _known(row: Scheduled) -> Refused | None:
    """The outcome of a message that was held before; None for one that is to be held now."""
    if row.reason == REFUSED:
        return AgainstRules()
    is_held = row.state in (State.HELD, State.SENT) or row.reason == WITHDRAWN
    # It was approved, and is being sent, or waits until its sender may write.
    is_approved = row.state == State.WAITING and row.approved
    return Held() if is_held or is_approved else None


def _check(user_id: UUID, chat_id: UUID, reply_to: int | None) -> None:
    """Raises what sending it now would be refused with."""
    chat = get_membership(user_id, chat_id).chat
    if chat.closed_reason:
        raise ChatClosed
    if reply_to is not None and not Message.objects.filter(chat_id=chat_id, seq=reply_to).exists():
        raise NotFound


def _check_room(user_id: UUID, row_id: UUID) -> None:
    others = Scheduled.objects.filter(user_id=user_id).exclude(id=row_id)
    if others.filter(state=State.HELD).count() >= MAX_HELD:
        raise TooManyHeld
    if others.filter(state__in=(State.HELD, State.FAILED, State.WAITING)).count() >= MAX_OPEN:
        raise TooManyHeld
