"""One transaction of group commit: on its own connection, within a time limit, and with an outcome
for each send whatever happens."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection, transaction

from apps.chats.actions.chat_locks import try_lock_chats
from apps.chats.actions.messages import SendRequest, send_batch
from apps.chats.actions.pending_sends import Outcome
from apps.chats.content_rules import content_rules
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

# A batch takes milliseconds. After this time the connection is closed and the batch is refused as
# `unavailable`, so that the sends queued behind it are still committed in time.
TRANSACTION_TIMEOUT_S = 1.5


class LockedRow(Exception):
    """Another transaction held a row for longer than a batch waits."""


@contextmanager
def dedicated_connection() -> Iterator[None]:
    """Give a committing thread its own connection for the block, outside the requests' pool."""
    use_dedicated_connection(prepare=not settings.PGBOUNCER)
    try:
        yield
    finally:
        connection.close()


def refresh_rules() -> None:
    """Read changed rules about texts, every few seconds at most and outside of the transaction.

    Within the time of a transaction: a database that hangs must not hold the committing thread.
    Never raises: without a database, the batch fails by itself."""
    try:
        _in_time(content_rules().refresh)
    except Exception as error:
        _refusal_of(error)


def commit_batch(sends: Sequence[SendRequest], *, lock_timeout_ms: int) -> Sequence[Outcome]:
    """Commit `sends` in one transaction and return their outcomes. Raises LockedRow."""
    try:
        outcomes = _in_time(lambda: send_batch(sends, lock_timeout_ms=lock_timeout_ms))
    except Exception as error:
        if is_lock_conflict(error):
            raise LockedRow from error
        if len(sends) > 1 and _is_of_one_send(error):
            # Commit one by one, so that only the bad send fails.
            return [commit_batch([send], lock_timeout_ms=lock_timeout_ms)[0] for send in sends]
        return [_refusal_of(error)] * len(sends)
    database_outages.recovered()
    return outcomes


def commit_unlocked(
    sends: Sequence[SendRequest], *, lock_timeout_ms: int
) -> Sequence[Outcome | None]:
    """Commit those `sends` whose chats no other transaction has locked; None for the others.

    Raises LockedRow, also when an unknown one of the sends makes the transaction fail.
    """

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
    """Call `work` within TRANSACTION_TIMEOUT_S. When an existing connection turns out to be broken,
    call it once more on a fresh one: sends are idempotent."""
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
    """Whether `error` is caused by the content of one send, so that the others can be committed."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, Error)


def _refusal_of(error: Exception) -> Outcome:
    """The refusal for the sends of a failed transaction. Never raises: the committing thread must
    survive any error."""
    try:
        if not isinstance(error, DataError):
            connection.close()
        return refusal_of(error)
    except Exception:
        logger.exception("sends failed")
        return Unavailable()
