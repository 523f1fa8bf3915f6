"""One transaction for what was gathered: on its own connection, within a time limit, and with an
outcome for each request whatever happens."""

import logging
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import DataError, Error, IntegrityError, connection, transaction

from apps.core.database import (
    database_outages,
    is_lock_conflict,
    must_reconnect,
    refusal_of,
    use_dedicated_connection,
)
from apps.core.errors import Refused, Unavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")
R_in = TypeVar("R_in", contravariant=True)
A_out = TypeVar("A_out", covariant=True)

# A batch takes milliseconds. After this time the connection is closed and the batch is refused as
# `unavailable`, so that the requests queued behind it are still committed in time.
TRANSACTION_TIMEOUT_S = 1.5


class LockedRow(Exception):
    """Another transaction held a row for longer than a batch waits."""


class Batches(Protocol[R_in, A_out]):
    """What is gathered, and how it is written. `name` names the threads."""

    name: str

    def key_of(self, request: R_in) -> UUID:
        """Requests with one key need the same rows, and are committed in their order."""

    def size_of(self, request: R_in) -> int:
        """A part of `MAX_BATCH_SIZE`."""

    def prepare(self, requests: Sequence[R_in]) -> None:
        """Called before each batch, outside of its transaction."""

    def write(self, requests: Sequence[R_in], *, lock_timeout_ms: int) -> Sequence[A_out | Refused]:
        """Write a batch in one transaction, and return an outcome for each request.

        Raises only what concerns the whole batch. Writing it twice changes nothing more.
        """

    def try_lock(self, requests: Sequence[R_in]) -> Container[UUID]:
        """The keys of which no other transaction has locked a row; locks their rows. Never waits.
        Called in a transaction."""


@contextmanager
def dedicated_connection() -> Iterator[None]:
    """Give a committing thread its own connection for the block, outside the requests' pool."""
    use_dedicated_connection(prepare=not settings.PGBOUNCER)
    try:
        yield
    finally:
        connection.close()


def prepare(batches: Batches[R, A], requests: Sequence[R]) -> None:
    """Let `batches` prepare, within the time of a transaction: a database that hangs must not hold
    the committing thread. Never raises: without a database, the batch fails by itself."""
    try:
        _in_time(lambda: batches.prepare(requests))
    except Exception as error:
        _refusal_of(error)


def commit_batch(
    batches: Batches[R, A], requests: Sequence[R], *, lock_timeout_ms: int
) -> Sequence[A | Refused]:
    """Commit `requests` in one transaction and return their outcomes. Raises LockedRow."""
    try:
        outcomes = _in_time(lambda: batches.write(requests, lock_timeout_ms=lock_timeout_ms))
    except Exception as error:
        if is_lock_conflict(error):
            raise LockedRow from error
        if len(requests) > 1 and _is_of_one_request(error):
            # Commit one by one, so that only the bad request fails.
            return [
                commit_batch(batches, [request], lock_timeout_ms=lock_timeout_ms)[0]
                for request in requests
            ]
        return [_refusal_of(error)] * len(requests)
    database_outages.recovered()
    return outcomes


def commit_unlocked(
    batches: Batches[R, A], requests: Sequence[R], *, lock_timeout_ms: int
) -> Sequence[A | Refused | None]:
    """Commit those `requests` whose keys no other transaction has locked; None for the others.

    Raises LockedRow, also when an unknown one of the requests makes the transaction fail.
    """

    def work() -> list[A | Refused | None]:
        with transaction.atomic():
            found = batches.try_lock(requests)
            free = [batches.key_of(request) in found for request in requests]
            unlocked = [request for request, is_free in zip(requests, free, strict=True) if is_free]
            if not unlocked:
                return [None] * len(requests)
            outcomes = iter(batches.write(unlocked, lock_timeout_ms=lock_timeout_ms))
            return [next(outcomes) if is_free else None for is_free in free]

    try:
        return _in_time(work)
    except Exception as error:
        if is_lock_conflict(error) or _is_of_one_request(error):
            raise LockedRow from error
        return [_refusal_of(error)] * len(requests)


def _in_time(work: Callable[[], T]) -> T:
    """Call `work` within TRANSACTION_TIMEOUT_S. When an existing connection turns out to be broken,
    call it once more on a fresh one: writing twice changes nothing more."""
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


def _is_of_one_request(error: Exception) -> bool:
    """Whether the content of one request caused `error`, so that the others can be committed."""
    return isinstance(error, DataError | IntegrityError) or not isinstance(error, Error)


def _refusal_of(error: Exception) -> Refused:
    """The refusal for the requests of a failed transaction. Never raises: the committing thread
    must survive any error."""
    try:
        if not isinstance(error, DataError):
            connection.close()
        return refusal_of(error)
    except Exception:
        logger.exception("a batch failed")
        return Unavailable()
