"""Deletes what is too old, and what operators erase: rows first, then objects.

Each deletion is a receipt, which a worker claims. A part of the rows is deleted, counted in the
receipt and committed together, so a worker that is killed loses one part, and the next one goes on.
Objects are deleted by `files.actions.deletion`, whose rows say when they are gone.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.chats.actions.expiry import Part, delete_part, enter_indexes
from apps.chats.models import Chat
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE
from apps.core.errors import NotFound, NotPossible
from apps.files.models import Blob, File
from apps.retention.models import DeletionReceipt, PendingObject
from apps.retention.queries.holds import covers_chat
from apps.retention.queries.receipts import hash_of
from apps.retention.queries.rules import due_chats, first_kept

logger = logging.getLogger(__name__)
# Longer than a task may run: of two claims of one row, the first is dead.
LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
PASS_S = 20.0
# So many chats are read at once; all that are due are begun, as far as PASS_S lasts.
MAX_BEGUN = 1_000
# After so long a worker looks again whether the objects are gone.
LOOK_AGAIN = timedelta(minutes=1)
Kind = DeletionReceipt.Kind
# Pending objects that are settled: `gone`, or kept by another use of their file.
SETTLE = """
WITH settled AS (
    DELETE FROM retention_pendingobject p
    WHERE p.receipt_id = %s AND (
        EXISTS (SELECT FROM files_file f WHERE f.id = p.file_id AND f.uses > 0)
        OR NOT EXISTS (SELECT FROM files_file f WHERE f.id = p.file_id)
            AND NOT EXISTS (SELECT FROM files_storedobject o WHERE o.key = p.key
                AND o.doomed_at IS NOT NULL))
    RETURNING EXISTS (SELECT FROM files_storedobject o WHERE o.key = p.key) AS kept
)
SELECT count(*) FILTER (WHERE NOT kept), count(*) FILTER (WHERE kept) FROM settled
"""


class OnHold(Exception):
    """A hold covers the chat."""


class ClaimLost(Exception):
    """Another worker has the deletion."""


def begin_due() -> None:
    """Begin the deletion of what is too old in each chat, those first that have waited longest.
    What PASS_S does not suffice for is logged, and begun at the next pass."""
    until = time.monotonic() + PASS_S
    while due := due_chats(limit=MAX_BEGUN):
        for chat_id, days in due:
            _begin_one(chat_id, days)
        if len(due) < MAX_BEGUN:
            return
        if time.monotonic() > until:
            logger.warning("more chats have old messages than one pass begins to delete")
            return


def _begin_one(chat_id: UUID, days: int) -> None:
    chat = Chat.objects.get(id=chat_id)
    try:
        begin(chat, kind=Kind.RETENTION, before=first_kept(chat, days), days=days)
    except NotPossible:  # put on hold, or begun by another worker, just now
        logger.info("nothing is deleted in the chat %s now", chat_id)


def begin(
    chat: Chat, *, kind: Kind, before: int, days: int = 0, by: UUID | None = None, reason: str = ""
) -> DeletionReceipt:
    """Begin to delete the entries of a chat before a seq. Raises NotPossible while a hold covers
    the chat, and when another deletion of it goes on."""
    if covers_chat(chat.id):
        raise NotPossible("This chat is on hold. Nothing of it is deleted.")
    now = timezone.now()
    row = DeletionReceipt(
        kind=kind, chat_id=chat.id, by=by, reason=reason, days=days, before=before,
        begun_at=now, due_at=Now(),
    )  # fmt: skip
    # Two workers that begin at once begin one deletion: the constraint one_deletion_a_chat.
    DeletionReceipt.objects.bulk_create([row], ignore_conflicts=True)
    if not DeletionReceipt.objects.filter(id=row.id).exists():
        raise NotPossible("Another deletion of this chat is not finished.")
    return row


def go_on(receipt: UUID | None = None) -> None:
    """Go on with the deletions that are not finished, or with this one. Safe to run concurrently
    anywhere."""
    due = DeletionReceipt.objects.filter(finished_at=None, due_at__lte=Now()).order_by("due_at")
    if receipt is not None:
        due = due.filter(id=receipt)
    until = time.monotonic() + PASS_S
    while time.monotonic() < until:
        rows = claim(due, limit=1, lease=LEASE)
        for row in rows:
            try:
                _go_on(row, until)
            except DATABASE_UNAVAILABLE:
                raise
            except (ClaimLost, NotFound):
                pass
            except Exception:  # its claim runs out, and it is tried again
                logger.exception("a deletion cannot go on: %s", row.id)
        if not rows:
            return


def _go_on(row: DeletionReceipt, until: float) -> None:
    if row.rows_deleted_at is None and row.chat_id is not None:
        if Chat.objects.filter(id=row.chat_id).exists():
            enter_indexes(row.chat_id)
        while not _step(row):
            if time.monotonic() > until:
                break
    _settle(row)


@transaction.atomic
def _step(row: DeletionReceipt) -> bool:
    """Delete one part and count it. Returns whether the rows are done."""
    held = _held(row)
    chat_id, before = held.chat_id, held.before
    if chat_id is None or before is None:
        raise NotFound
    done = True
    try:
        part = delete_part(
            chat_id,
            before=before,
            days=held.days,
            digest=held.digest,
            check=partial(_check_holds, chat_id),
        )
    except OnHold:
        held.stopped_by_hold = True
    except NotFound:
        logger.warning("the chat %s was removed while it was being deleted", chat_id)
    else:
        _count(held, part)
        done = part.done
    if done:
        held.rows_deleted_at = timezone.now()
    held.save()
    return done


def _check_holds(chat_id: UUID) -> None:
    if covers_chat(chat_id):
        raise OnHold


def _count(held: DeletionReceipt, part: Part) -> None:
    for name, count in part.counts.items():
        if count:
            held.removed[name] = held.removed.get(name, 0) + count
    held.digest = part.digest
    PendingObject.objects.bulk_create(
        PendingObject(receipt=held, file_id=file, key=key)
        for file, key in _objects(set(part.files))
    )


def _objects(files: set[UUID]) -> Iterable[tuple[UUID, str]]:
    of_files = dict(
        File.objects.filter(id__in=files, blob__isnull=False).values_list("id", "blob_id")
    )
    blobs = Blob.objects.in_bulk([*of_files.values()])
    for file, blob in of_files.items():
        for variant in blobs[blob].content["variants"]:
            yield file, blobs[blob].key(variant["name"])


@transaction.atomic
def _settle(row: DeletionReceipt) -> None:
    """Count the objects that are gone. Finishes the receipt, or gives the claim back."""
    held = _held(row)
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [held.id])
        gone, kept = cursor.fetchone()
    for name, count in (("objects", gone), ("objects_kept", kept)):
        if count:
            held.removed[name] = held.removed.get(name, 0) + count
    if held.rows_deleted_at is not None and not held.pending.exists():
        held.finished_at = timezone.now()
        held.hash = hash_of(held)
        logger.info("The deletion %s is finished", held.id)
    elif held.rows_deleted_at is not None:
        held.due_at = timezone.now() + LOOK_AGAIN
    held.claimed_at = None
    held.save()


def _held(row: DeletionReceipt) -> DeletionReceipt:
    """The row, locked before everything else. Raises ClaimLost."""
    held = still_held(row)
    if held is None:
        raise ClaimLost
    return held
