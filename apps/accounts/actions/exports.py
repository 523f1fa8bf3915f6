"""Exports that people ask for: a worker writes the archive, which its owner fetches within a week.

A row waits until a worker claims it. A worker that dies loses its claim, and another one writes the
archive again, into a file of its own. An expired row is deleted after its files.
"""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import IO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts import mails
from apps.accounts.access_handlers import Ended, Scope
from apps.accounts.actions import streams
from apps.accounts.actions.export import write_archive
from apps.accounts.export_handlers import check_chat, write_chat
from apps.accounts.gateways import export_files
from apps.accounts.models import Ending, Export, User
from apps.accounts.queries.own_data import asking
from apps.core.claims import claim, still_held
from apps.core.database import DATABASE_UNAVAILABLE
from apps.core.errors import NotFound, NotPossible
from apps.core.limits import EXPORTS, limited
from apps.core.task_wakeup import TaskWakeup

logger = logging.getLogger(__name__)
State = Export.State
EXPORTS_KIND = "data exports"
READY_TTL = timedelta(days=7)
# A request that no worker could fulfil for so long is dropped; so is the notice of a failed one.
WAITING_TTL = timedelta(days=1)
# No file is of use for longer. A database that was restored has no row of those stored before.
STORED_TTL = READY_TTL + WAITING_TTL
MAX_ATTEMPTS = 3
# Longer than a task may run: of two claims of one row, the first is dead.
LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
# One pass starts no export after this time, and gives one up after that: together less than the
# limit of a task, whose end would end the other tasks of the worker, too.
PASS_S = 20.0
WRITE_TIMEOUT_S = 80.0
# Files are left out when they would make the archive larger, or when so much time has passed.
MAX_FILE_BYTES = 500_000_000
FILES_TIMEOUT_S = 40.0
MIN_BYTES_PER_S = 10_000_000
MAX_DELETED_PER_PASS = 100
# Between two notes of how much is collected.
NOTE_EVERY_S = 1.0
wake = TaskWakeup("apps.accounts.tasks.make_exports")


class TooMuch(Exception):
    """The archive could not be written in time."""


def ask(user_id: UUID, chat: UUID | None = None) -> Export:
    """Ask for an export of all that is stored about the person, or of one of their chats. While one
    is waiting, that one is returned and nothing is counted.

    The caller has made sure that the person proved themselves just now (`accounts.fresh_sign_in`,
    `accounts.suspended`). Raises NotFound for an account that something other than a suspension
    keeps closed and for a chat that the person is not in, RateLimited, and NotPossible while an
    export of something else is waiting.
    """
    if chat is not None:
        check_chat(user_id, chat)
    found = _waiting(user_id) or _begin(user_id, chat)
    if found.chat != chat:
        raise NotPossible(gettext_noop("Another copy is being collected. Ask again later."))
    return found


@limited(EXPORTS)
def _begin(user_id: UUID, chat: UUID | None) -> Export:
    with transaction.atomic():
        # Serializes with another request, and with closing the account, which then finds this row.
        streams.lock([user_id])
        if not asking(user_id).exists():
            raise NotFound
        if (known := _waiting(user_id)) is not None:
            return known
        # One that expired while it waited is only waiting to be deleted.
        Export.objects.filter(user_id=user_id, state=State.WAITING).update(state=State.FAILED)
        expires_at = timezone.now() + WAITING_TTL
        row = Export.objects.create(user_id=user_id, chat=chat, expires_at=expires_at)
        transaction.on_commit(wake)
    return row


@transaction.atomic
def try_again(export_id: UUID) -> UUID:
    """Let a worker write an export that failed or waits. Returns whose it is.

    Raises NotFound for one that is ready or expired, and NotPossible when the account is closed or
    the person has asked for another one.
    """
    open_ones = Export.objects.filter(id=export_id, expires_at__gt=timezone.now())
    person: UUID | None = open_ones.values_list("user_id", flat=True).first()
    if person is None:
        raise NotFound
    streams.lock([person])
    row = open_ones.exclude(state=State.READY).select_for_update().first()
    if row is None:
        raise NotFound
    if not asking(person).exists():
        raise NotPossible(gettext_noop("This account is closed."))
    if row.state == State.FAILED:
        if _waiting(person) is not None:
            raise NotPossible(gettext_noop("The person has asked for another export since."))
        Export.objects.filter(user_id=person, state=State.WAITING).update(state=State.FAILED)
        # Its claims are dead: a failed export has had all its attempts, each longer than a lease.
        row.state, row.attempt, row.claimed_at, row.collected = State.WAITING, 0, None, 0
        row.expires_at = timezone.now() + WAITING_TTL
        row.save()
    transaction.on_commit(wake)
    return person


def end_of_scope(scope: Scope) -> Ended:
    """The handler of `accounts.access_handlers`: a closed account has no exports any more."""
    if not scope.account:
        return Ended()
    rows = Export.objects.filter(user_id=scope.user_id, expires_at__gt=Now())
    return Ended({EXPORTS_KIND: rows.update(expires_at=Now())})


def left(user_id: UUID) -> Mapping[str, int]:
    """How many exports the person can still get of those that they asked for before the account was
    closed. A suspended person asks for more."""
    closings = Ending.objects.filter(user_id=user_id, account=True).order_by("-begun_at")
    rows = Export.objects.filter(user_id=user_id, expires_at__gt=Now())
    before = rows.filter(asked_at__lt=Subquery(closings.values("begun_at")[:1]))
    return {EXPORTS_KIND: before.count()}


def make_due() -> None:
    """Write exports that wait. Safe to run concurrently anywhere."""
    until = time.monotonic() + PASS_S
    while time.monotonic() < until and _make_next():
        pass


def delete_expired() -> None:
    """Delete expired exports: the files, then the row."""
    # A worker may be writing one right now. It deletes its own file when it finds its row expired.
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lt=Now() - LEASE)
    rows = Export.objects.filter(unclaimed, expires_at__lte=Now()).order_by("expires_at")
    for row in rows[:MAX_DELETED_PER_PASS]:
        try:
            export_files.delete_all(row)
        except Exception:  # one bad file must not keep the others; this one is tried again
            logger.exception("the files of an export cannot be deleted: %s", row.id)
        else:
            Export.objects.filter(id=row.id).delete()


def delete_old_files() -> None:
    """Delete the files that no export can need any more, also those that no row names."""
    export_files.delete_older(STORED_TTL)


def _waiting(user_id: UUID) -> Export | None:
    rows = Export.objects.filter(user_id=user_id, state=State.WAITING, expires_at__gt=Now())
    return rows.first()


def _make_next() -> bool:
    """Write one export. Returns whether there was one."""
    waiting = Export.objects.filter(state=State.WAITING, expires_at__gt=Now())
    waiting.filter(attempt__gte=MAX_ATTEMPTS, claimed_at__lt=Now() - LEASE).update(
        state=State.FAILED, claimed_at=None
    )
    due = waiting.filter(attempt__lt=MAX_ATTEMPTS).order_by("asked_at", "id")
    for row in claim(due, limit=1, lease=LEASE):
        try:
            _make(row)
        except DATABASE_UNAVAILABLE:
            raise
        except NotFound:
            # The person is no longer in the chat.
            mine = Export.objects.filter(id=row.id, attempt=row.attempt, state=State.WAITING)
            mine.update(state=State.FAILED, claimed_at=None)
        except Exception:  # its claim runs out, and it is tried again
            logger.exception("an export cannot be written: %s", row.id)
        return True
    return False


def _make(row: Export) -> None:
    until = time.monotonic() + WRITE_TIMEOUT_S

    def check(section: str, rows: int) -> None:
        if time.monotonic() > until:
            raise TooMuch(f"{rows} rows of {section}")

    files_until, left = time.monotonic() + FILES_TIMEOUT_S, MAX_FILE_BYTES

    def room(size: int) -> bool:
        nonlocal left
        # A slow storage must not take the time that the archive itself needs to be stored.
        if size > left or time.monotonic() + size / MIN_BYTES_PER_S > files_until:
            return False
        left -= size
        return True

    noted = -NOTE_EVERY_S

    def share(collected: float) -> None:
        nonlocal noted
        if time.monotonic() - noted >= NOTE_EVERY_S:
            noted = time.monotonic()
            mine = Export.objects.filter(id=row.id, attempt=row.attempt)
            mine.update(collected=int(collected * 100))

    def write(file: IO[bytes]) -> None:
        if row.chat is None:
            write_archive(row.user_id, file, progress=check, share=share, room=room)
        else:
            write_chat(row.user_id, row.chat, file, room, check)

    size = export_files.store(row, write)
    if _finish(row, size):
        mails.send(User.objects.get(id=row.user_id), "accounts/email/export_ready", {})
    else:
        export_files.delete_one(row)


def _finish(row: Export, size: int) -> bool:
    """Whether the export is ready now. Not if it was claimed again, or its account was closed."""
    with transaction.atomic():
        held = still_held(row)
        now = timezone.now()
        if held is None or held.state != State.WAITING or held.expires_at <= now:
            return False
        held.state, held.size, held.claimed_at = State.READY, size, None
        held.ready_at, held.expires_at = now, now + READY_TTL
        held.save()
    return True
