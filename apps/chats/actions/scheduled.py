"""Scheduled messages.

A row waits until it is due. `send_due` claims it and sends it like any other message, with the
row's client id. So it is sent once even if a worker dies in between: a repeated send returns the
first message.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db import DataError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.actions import streams
from apps.chats.actions import attachments
from apps.chats.actions.messages import SendRequest, Sent, send_batch
from apps.chats.actions.validation import validate_text
from apps.chats.content_rules import content_rules
from apps.chats.models import Scheduled
from apps.chats.queries.access import get_membership
from apps.chats.queries.scheduled import OPEN, get_scheduled, publication
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict, refusal_of
from apps.core.errors import FileGone, Invalid, NotPossible, Refused, Slowed
from apps.core.limits import SCHEDULED, limited
from apps.files.actions import uses
from apps.files.actions.uploads import UNUSED_TTL
from apps.wire.publish import publish

logger = logging.getLogger(__name__)

MAX_OPEN = 100
MAX_DELAY = timedelta(days=366)
MAX_SENDS_PER_PASS = 50
# Short, because repeating a send is harmless: rows of a dead worker are soon due again.
LEASE = timedelta(seconds=15)
State = Scheduled.State


@limited(SCHEDULED)
def schedule(
    user_id: UUID,
    chat_id: UUID,
    *,
    client_id: UUID,
    text: str,
    due_at: datetime,
    reply_to: int | None = None,
    files: Sequence[UUID] = (),
) -> Scheduled:
    """Schedule a message to be sent at `due_at`. A repeated client id returns the first row.

    Raises NotFound, what `validate_text` raises, Invalid for a time in the past or more than a
    year ahead, FileGone for a file that the person could not send now, and NotPossible beyond
    MAX_OPEN that wait or failed.
    """
    files = attachments.unique(files)
    text = validate_text(text, may_be_empty=bool(files))
    with transaction.atomic():
        found = _locked_files(user_id, files)
        # Serializes with a simultaneous repeat, which then finds this row, and with closing the
        # account, which then cancels this row or makes this call fail.
        streams.lock([user_id])
        get_membership(user_id, chat_id)
        mine = Scheduled.objects.filter(user_id=user_id)
        if (known := mine.filter(chat_id=chat_id, client_id=client_id).first()) is not None:
            return known
        _check_time(due_at)
        if mine.filter(state__in=(State.WAITING, State.FAILED)).count() >= MAX_OPEN:
            raise NotPossible(f"You already have {MAX_OPEN} scheduled messages. Cancel one first.")
        stored = _checked(found)
        uses.add(files)
        row = Scheduled.objects.create(
            user_id=user_id,
            chat_id=chat_id,
            client_id=client_id,
            text=text,
            files=stored,
            reply_to=reply_to,
            due_at=due_at,
            person_rev=streams.advance([user_id])[user_id],
        )
        publish([publication(row)])
    return row


@limited(SCHEDULED)
def reschedule(
    user_id: UUID,
    scheduled_id: UUID,
    *,
    text: str | None,
    due_at: datetime | None,
    files: Sequence[UUID] | None = None,
) -> Scheduled:
    """Change the text, time or files of a message that waits or failed; None leaves one unchanged.

    Raises NotFound, NotPossible when it is sent or being sent, Invalid, FileGone for a file that
    the person could not send now, and what `validate_text` raises.
    """

    def alter(row: Scheduled) -> None:
        if files is not None:
            _change_files(row, attachments.unique(files))
        row.text = validate_text(row.text if text is None else text, may_be_empty=bool(row.files))
        row.due_at = row.due_at if due_at is None else due_at
        _check_time(row.due_at)
        row.state, row.reason = State.WAITING, ""

    return _alter(user_id, scheduled_id, alter)


@limited(SCHEDULED)
def cancel(user_id: UUID, scheduled_id: UUID) -> None:
    """Cancel a scheduled message. Raises NotFound, NotPossible when it is sent or being sent."""

    def alter(row: Scheduled) -> None:
        # A client that sends it now cancels it first, and may have to wait before it can send.
        _empty(row, State.CANCELLED, ttl=UNUSED_TTL)

    _alter(user_id, scheduled_id, alter)


def lock_open(user_id: UUID) -> list[Scheduled]:
    """The person's rows that wait or failed, locked until the commit with their files."""
    found = Scheduled.objects.filter(user_id=user_id, state__in=OPEN)
    rows = list(found.select_for_update(no_key=True).order_by("id"))
    uses.lock(file for row in rows for file in row.file_ids)
    return rows


def cancel_all(rows: list[Scheduled]) -> None:
    """Cancel locked rows, including claimed ones: their workers will find their claims gone."""
    for row in rows:
        _empty(row, State.CANCELLED)
        _write(row)


def send_due() -> int:
    """Send due messages. Returns how many were claimed. Safe to run concurrently anywhere."""
    due = Scheduled.objects.filter(state=State.WAITING, due_at__lte=Now()).order_by("due_at", "id")
    taken = claim(due, limit=MAX_SENDS_PER_PASS, lease=LEASE)
    for row in taken:
        try:
            _finish(row, _send(row))
        except DATABASE_UNAVAILABLE as error:
            # PostgreSQL is unavailable: each further row would wait for it, too.
            if not is_lock_conflict(error):
                raise
        except Exception:  # one bad row must not stop the rest
            logger.exception("a scheduled message cannot be sent: %s", row.id)
    return len(taken)


def _send(row: Scheduled) -> Sent | Refused:
    """Send a claimed row. If this raises, the claim runs out and the row is due again."""
    send = SendRequest(
        row.user_id, row.chat_id, row.client_id, row.text, row.reply_to, row.file_ids
    )
    try:
        content_rules().refresh()
        [outcome] = send_batch([send])
    except DataError as error:
        return refusal_of(error)
    return outcome


def _finish(row: Scheduled, outcome: Sent | Refused) -> None:
    with transaction.atomic():
        held = still_held(row)
        if held is None or held.state != State.WAITING:
            return
        if isinstance(outcome, Sent):
            held.seq = outcome.seq
            _empty(held, State.SENT)
        elif isinstance(outcome, Slowed):
            held.due_at = timezone.now() + timedelta(seconds=outcome.retry_after_s)
        else:
            held.state, held.reason = State.FAILED, outcome.code
        _write(held)


def _alter(user_id: UUID, scheduled_id: UUID, alter: Callable[[Scheduled], None]) -> Scheduled:
    with transaction.atomic():
        row = get_scheduled(user_id, scheduled_id)
        if row.state not in (State.WAITING, State.FAILED) or row.claimed_at is not None:
            raise NotPossible("This message was already sent or is being sent right now.")
        alter(row)
        _write(row)
    return row


def _locked_files(user_id: UUID, files: Sequence[UUID]) -> attachments.Files:
    """The files of a message of the person's, as for a send that happens now. Locked against other
    changes of their uses, too."""
    [found] = attachments.resolve([(user_id, files)])
    uses.lock(files)
    return found


def _checked(found: attachments.Files) -> list[object] | None:
    """What a row stores of its files. Raises FileGone if one of them cannot be attached."""
    if found is attachments.NOT_FOUND:
        raise FileGone
    return [msgspec.to_builtins(file) for file in found.bodies] or None


def _change_files(row: Scheduled, files: Sequence[UUID]) -> None:
    former = row.file_ids
    uses.lock({*former, *files})
    row.files = _checked(_locked_files(row.user_id, files))
    uses.add(files)
    uses.remove(former)


def _empty(row: Scheduled, state: State, *, ttl: timedelta = timedelta()) -> None:
    """End a row: what it contained is in the message, or is not to be sent. `ttl`: how long files
    are kept that nothing else uses."""
    uses.remove(row.file_ids, ttl=ttl)
    row.state, row.text, row.files = state, "", None


def _write(row: Scheduled) -> None:
    """Store an unclaimed row under the next revision of its person's stream, and publish it."""
    row.claimed_at = None
    row.person_rev = streams.advance([row.user_id])[row.user_id]
    row.save()
    publish([publication(row)])


def _check_time(due_at: datetime) -> None:
    if not timedelta(0) < due_at - timezone.now() <= MAX_DELAY:
        reason = "Choose a time in the future, at most a year ahead."
        raise Invalid(reason, pointer="#/due_at", reason=reason)
