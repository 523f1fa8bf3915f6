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
from django.utils.translation import gettext

from apps.accounts.actions import streams
from apps.chats.actions import attachments
from apps.chats.actions import scheduled_rows as rows
from apps.chats.actions.messages import Sent, send_batch
from apps.chats.actions.send_writer import SendRequest
from apps.chats.actions.validation import validate_text
from apps.chats.content_rules import content_rules
from apps.chats.models import Scheduled
from apps.chats.queries.access import get_membership
from apps.chats.queries.scheduled import CHANGEABLE, OPEN, get_scheduled, publication
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE, refusal_of
from apps.core.errors import Held, Invalid, NotPossible, Refused, Slowed
from apps.core.limits import SCHEDULED, limited
from apps.core.skip_failed import skip_failed
from apps.files.actions import uses
from apps.files.actions.uploads import UNUSED_TTL
from apps.wire import bodies
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
        found = rows.locked_files(user_id, files)
        # Serializes with a simultaneous repeat, which then finds this row, and with closing the
        # account, which then cancels this row or makes this call fail.
        streams.lock([user_id])
        get_membership(user_id, chat_id)
        mine = Scheduled.objects.filter(user_id=user_id)
        if (known := mine.filter(chat_id=chat_id, client_id=client_id).first()) is not None:
            return known
        _check_time(due_at)
        if mine.filter(state__in=CHANGEABLE).count() >= MAX_OPEN:
            words = gettext("You already have {n} scheduled messages. Cancel one first.")
            raise NotPossible(words.format(n=MAX_OPEN))
        stored = rows.checked(found)
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
            rows.change_files(row, attachments.unique(files))
        if text is not None:
            # It was drawn with the former text.
            row.layout = None
        row.text = validate_text(row.text if text is None else text, may_be_empty=bool(row.files))
        row.due_at = row.due_at if due_at is None else due_at
        _check_time(row.due_at)
        row.state, row.reason, row.answer, row.approved = State.WAITING, "", "", False

    return _alter(user_id, scheduled_id, alter)


@limited(SCHEDULED)
def cancel(user_id: UUID, scheduled_id: UUID) -> None:
    """Cancel a scheduled message. Raises NotFound, NotPossible when it is sent or being sent."""

    def alter(row: Scheduled) -> None:
        # A client that sends it now cancels it first, and may have to wait before it can send.
        rows.empty(row, State.CANCELLED, ttl=UNUSED_TTL)

    _alter(user_id, scheduled_id, alter)


def lock_open(user_id: UUID) -> list[Scheduled]:
    """The person's rows that wait, are held or failed, locked until the commit with their files."""
    found = Scheduled.objects.filter(user_id=user_id, state__in=OPEN)
    open_rows = list(found.select_for_update(no_key=True).order_by("id"))
    uses.lock(file for row in open_rows for file in row.file_ids)
    return open_rows


def cancel_all(open_rows: list[Scheduled]) -> None:
    """Cancel locked rows, including claimed ones: their workers will find their claims gone."""
    for row in open_rows:
        rows.empty(row, State.CANCELLED)
        rows.write(row)


def send_due() -> int:
    """Send due messages. Returns how many were claimed. Safe to run concurrently anywhere."""
    due = Scheduled.objects.filter(state=State.WAITING, due_at__lte=Now()).order_by("due_at", "id")
    taken = claim(due, limit=MAX_SENDS_PER_PASS, lease=LEASE)
    _send_all(taken)
    return len(taken)


def send_approved(scheduled_id: UUID) -> None:
    """Send a message that a moderator has just approved. What cannot be sent in this moment is sent
    by the next `send_due`."""
    approved = Scheduled.objects.filter(id=scheduled_id, state=State.WAITING, approved=True)
    try:
        _send_all(claim(approved, limit=1, lease=LEASE))
    except DATABASE_UNAVAILABLE:
        logger.exception("an approved message is sent later: %s", scheduled_id)


def _send_all(claimed: list[Scheduled]) -> None:
    for row in claimed:
        with skip_failed(logger, "a scheduled message cannot be sent: %s", row.id):
            _finish(row, _send(row))


def _send(row: Scheduled) -> Sent | Refused:
    """Send a claimed row. If this raises, the claim runs out and the row is due again."""
    send = SendRequest(
        row.user_id,
        row.chat_id,
        row.client_id,
        row.text,
        row.reply_to,
        row.file_ids,
        row.approved,
        layout=row.layout and msgspec.convert(row.layout, bodies.Layout),
    )
    try:
        content_rules().refresh()
        [outcome] = send_batch([send])
    except DataError as error:
        return refusal_of(error)
    return outcome


def _finish(row: Scheduled, outcome: Sent | Refused) -> None:
    if isinstance(outcome, Held):
        # The row is the held message now.
        return
    with transaction.atomic():
        held = still_held(row)
        if held is None or held.state != State.WAITING:
            return
        if isinstance(outcome, Sent):
            held.seq = outcome.seq
            rows.empty(held, State.SENT)
        elif isinstance(outcome, Slowed):
            held.due_at = timezone.now() + timedelta(seconds=outcome.retry_after_s)
        else:
            held.state, held.reason = State.FAILED, outcome.code
        rows.write(held)


def _alter(user_id: UUID, scheduled_id: UUID, alter: Callable[[Scheduled], None]) -> Scheduled:
    with transaction.atomic():
        row = get_scheduled(user_id, scheduled_id)
        if row.state not in CHANGEABLE or row.claimed_at is not None:
            raise NotPossible("This message was already sent or is being sent right now.")
        alter(row)
        rows.write(row)
    return row


def _check_time(due_at: datetime) -> None:
    if not timedelta(0) < due_at - timezone.now() <= MAX_DELAY:
        reason = "Choose a time in the future, at most a year ahead."
        raise Invalid(reason, pointer="#/due_at", reason=reason)
