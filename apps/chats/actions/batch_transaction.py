"""One transaction of group commit: on a connection of its own, within a time limit, with an
outcome for each send whatever happens."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection, transaction

from apps.chats.actions.messages import SendRequest, send_batch, try_lock_chats
from apps.chats.actions.pending_sends import Outcome
from apps.core.database import (
    database_outages,
    is_lock_conflict,
    must_reconnect,
    refusal_of,
    use_dedicated_connection,
)
from apps.core.errors import Unavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")

# A batch takes milliseconds. After this the connection is closed and its sends are refused as
# `unavailable`, so that those behind it get their turn within the time they have.
TRANSACTION_TIMEOUT_S = 1.5


class LockedRow(Exception):
    """Another transaction held a row for longer than a batch waits."""


@contextmanager
def dedicated_connection() -> Iterator[None]:
    """Run a committing thread's work on a connection that no request can take away."""
    use_dedicated_connection(prepare=not settings.PGBOUNCER)
    try:
        yield
    finally:
        connection.close()


def commit_batch(sends: Sequence[SendRequest], *, lock_timeout_ms: int) -> Sequence[Outcome]:
    """Commit `sends` in one transaction; their outcomes. Raises LockedRow."""
    try:
        outcomes = _in_time(lambda: send_batch(sends, lock_timeout_ms=lock_timeout_ms))
    except Exception as error:
        if is_lock_conflict(error):
            raise LockedRow from error
        if len(sends) > 1 and _is_of_one_send(error):
            # Alone each fails or succeeds for itself.
            return [commit_batch([send], lock_timeout_ms=lock_timeout_ms)[0] for send in sends]
        return [_refusal_of(error)] * len(sends)
    database_outages.recovered()
    return outcomes


def commit_unlocked(
    sends: Sequence[SendRequest], *, lock_timeout_ms: int
) -> Sequence[Outcome | None]:
    """Commit those `sends` whose chats nobody has locked; None for the others. Raises LockedRow
    also when it cannot be told which send keeps the transaction from being committed."""

    def work() -> list[Outcome | None]:
        with transaction.atomic():
            free = try_lock_chats({send.chat for send in sends})
            if not free:
                return [None] * len(sends)
            unlocked = [send for send in sends if send.chat in free]
            outcomes = iter(send_batch(unlocked, lock_timeout_ms=lock_timeout_ms))
            return [next(outcomes) if send.chat in free else None for send in sends]

    try:
        return _in_time(work)
    except Exception as error:
        if is_lock_conflict(error) or _is_of_one_send(error):
            raise LockedRow from error
        return [_refusal_of(error)] * len(sends)


def _in_time(work: Callable[[], T]) -> T:
    """Call `work` within TRANSACTION_TIMEOUT_S, and once more on a fresh connection when the one
    that was there had gone bad: sends are idempotent."""
    reused = connection.connection is not None
    connection.ensure_connection()
    raw = connection.connection
    raw.deadline = time.monotonic() + TRANSACTION_TIMEOUT_S
    try:
        return work()
    except Error as error:
        if not reused or not must_reconnect(error):
            raise
    finally:
        raw.deadline = None
    connection.close()
    return _in_time(work)


def _is_of_one_send(error: Exception) -> bool:
    """Whether `error` comes from what one send holds, and the others may well be committed."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, Error)


def _refusal_of(error: Exception) -> Outcome:
    """What the sends of a failed transaction are told. The thread must outlive whatever it was:
    nobody else would commit."""
    try:
        if not isinstance(error, DataError):
            connection.close()
        return refusal_of(error)
    except Exception:
        logger.exception("sends failed")
        return Unavailable()
