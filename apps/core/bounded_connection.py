"""A psycopg connection with a client-side limit on every wait for PostgreSQL.

The server's own timeouts (`statement_timeout`, `lock_timeout`) need a server that still runs, and
TCP's timeouts need TCP. Only a timeout on the client's clock ends a wait for a stopped backend,
for a COMMIT on a stalled disk, or for a silent server behind a Unix socket.
"""

import select
import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

from apps.core.wait_budget import current_budget

T = TypeVar("T")

# A person is waiting. After a timeout a retry finds out whether the transaction was committed.
COMMIT_TIMEOUT_S = 3.0
# With less, a request is refused before its COMMIT, when it is certain that nothing was changed.
COMMIT_LEAST_S = 0.5
# The pool checks each connection before handing it out.
CHECK_TIMEOUT_S = 2.0
# So long after a response, the check only looks whether PostgreSQL has closed the connection.
ALIVE_S = 0.5


class NoResponse(psycopg.OperationalError):
    """PostgreSQL did not answer in time; the connection was closed."""


class NoTimeLeft(NoResponse):
    """The request has waited for as long as it may. It says nothing of PostgreSQL."""


class BoundedConnection(psycopg.Connection[Any]):
    """Closes itself and raises NoResponse when PostgreSQL exceeds a time limit. Closes itself also
    when the server refuses to write.

    `statement_timeout_s` limits each single wait, for all connections; None sets no limit.
    `deadline` (of `time.monotonic`) limits all waits of one connection until it is reset to None;
    the `WaitBudget` of a request all waits of its thread. Without `statement_timeout_s` no budget
    counts.
    """

    statement_timeout_s: float | None = None
    deadline: float | None = None
    _responded_at = 0.0

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for one response from PostgreSQL."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        timeout = self.statement_timeout_s
        if self.deadline is not None:
            left = max(0.0, self.deadline - time.monotonic())
            timeout = left if timeout is None else min(timeout, left)
        budget = current_budget()
        if budget is None or timeout is None:
            return self._wait(gen, interval, timeout)
        if not budget.left_s:
            # Not sent, so it is certain that it changes nothing.
            self.close()
            raise NoTimeLeft("The request has waited for as long as it may.")
        began = time.monotonic()
        try:
            return self._wait(gen, interval, min(timeout, budget.left_s))
        except NoResponse as error:
            if budget.left_s < min(timeout, CHECK_TIMEOUT_S):
                raise NoTimeLeft(str(error)) from None
            raise
        finally:
            budget.spend(time.monotonic() - began)

    def _wait(self, gen: PQGen[T], interval: float, timeout: float | None) -> T:
        try:
            result = super().wait(gen, interval, timeout)
        except psycopg.errors._WaitTimeout:
            self.close()
            raise NoResponse(f"PostgreSQL did not answer within {timeout:.1f} s.") from None
        except psycopg.errors.ReadOnlySqlTransaction:
            # A primary no more: the next connection finds the new one, if DATABASE_URL names it.
            self.close()
            raise
        self._responded_at = time.monotonic()
        return result

    def commit(self) -> None:
        """Commit within COMMIT_TIMEOUT_S, or the time that the request has left. Raises NoTimeLeft
        when that is less than COMMIT_LEAST_S."""
        budget = current_budget()
        if budget and self.statement_timeout_s is not None and budget.left_s < COMMIT_LEAST_S:
            self.close()
            raise NoTimeLeft("The request has too little time left to commit.")
        with _Within(self, COMMIT_TIMEOUT_S):
            super().commit()

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """Execute the pool's check statement within CHECK_TIMEOUT_S, unless PostgreSQL has just
        responded. All other statements go through cursors, not through this method."""
        if self._is_alive():
            return self.cursor()
        with _Within(self, CHECK_TIMEOUT_S):
            return super().execute(*args, **kwargs)

    def _is_alive(self) -> bool:
        """Whether PostgreSQL responded within ALIVE_S and has sent nothing since: a backend that
        ends, or is killed, makes its socket readable."""
        if self.closed or time.monotonic() - self._responded_at > ALIVE_S:
            return False
        waiting = select.poll()
        waiting.register(self.fileno(), select.POLLIN)
        return not waiting.poll(0)


class _Within:
    """Tightens the deadline for a block. A class because `contextmanager` is three times slower."""

    __slots__ = ("_before", "_connection", "_seconds")

    def __init__(self, connection: BoundedConnection, seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = self._connection.deadline
        if self._connection.statement_timeout_s is None:
            return
        deadline = time.monotonic() + self._seconds
        if self._before is None or deadline < self._before:
            self._connection.deadline = deadline

    def __exit__(self, *_: object) -> None:
        self._connection.deadline = self._before
