"""Requests whose rows could not be locked in time, committed by a thread of their own.

The key of a request names the rows that it needs: the chat of a send, the person of a receipt. Each
pass commits the requests whose rows are no longer locked, in one transaction that waits for none of
them. Then it waits for the rows of one locked key, a different one each time, in PostgreSQL's own
lock queue: there a chat that another process writes to without pause gets its turn, and nothing is
polled. All keys that were locked go behind those that were not yet tried. Keys whose requests were
committed return to the main thread. The thread ends when no requests are left.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Generic
from uuid import UUID

from apps.chats.actions.batch_transaction import (
    Batches,
    LockedRow,
    commit_batch,
    commit_unlocked,
    dedicated_connection,
    prepare,
)
from apps.chats.actions.pending import (
    MAX_BATCH_REQUESTS,
    A,
    Pending,
    R,
    deliver_outcomes,
    split_batch,
    thread_outages,
)
from apps.core.errors import Refused
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
# A locked row is not an outage of PostgreSQL: other keys are unaffected.
locked_row_outages = OutageLog(logger, "A row that another transaction has locked")
# For rows that `Batches.try_lock` does not lock, in the transaction that waits for no key.
ROW_TIMEOUT_MS = 50
# Long enough to queue behind the transactions of several other processes, short enough that each of
# several locked keys gets a turn before its requests are refused.
KEY_TIMEOUT_MS = 300


class LockedKeys(Generic[R, A]):
    """Pending requests by key. Call the public methods with the lock held."""

    def __init__(
        self,
        batches: Batches[R, A],
        lock: threading.Lock,
        requeue: Callable[[list[Pending[R]]], None],
    ) -> None:
        """`requeue` returns requests to the main thread; it is called with the lock held."""
        self._batches = batches
        self._lock = lock
        self._requeue = requeue
        self._thread: threading.Thread | None = None
        # A key stays here until none of its requests is pending, so that their order is kept.
        self.keys: dict[UUID, list[Pending[R]]] = {}
        # How often the thread has waited for each key: those it has waited for least come first.
        self._waits: dict[UUID, int] = {}

    def add(self, pending: Iterable[Pending[R]]) -> None:
        """Add requests, and start the thread if it is not running."""
        for each in pending:
            self.keys.setdefault(each.key, []).append(each)
        if self.keys and not (self._thread and self._thread.is_alive()):
            self._start()

    @property
    def size(self) -> int:
        """The number of requests held here."""
        return sum(map(len, self.keys.values())) if self.keys else 0

    def divert(self, pending: list[Pending[R]]) -> list[Pending[R]]:
        """Add those requests whose keys are held here; returns the others."""
        self.add(each for each in pending if each.key in self.keys)
        return [each for each in pending if each.key not in self.keys]

    def pending(self) -> list[Pending[R]]:
        """All unresolved requests held here."""
        return [each for held in self.keys.values() for each in held if not each.resolved]

    def _start(self) -> None:
        name = f"{self._batches.name}-locked"
        thread = threading.Thread(target=self._run, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # The next request tries again; until then these stay queued and time out. The error
            # must not end the main thread, which calls this.
            thread_outages.failed(error)
            return
        thread_outages.recovered()
        self._thread = thread

    def _run(self) -> None:
        with dedicated_connection():
            while batch := self._next_batch():
                self._pass(batch)

    def _next_batch(self) -> list[Pending[R]]:
        """Some requests of each key. An empty batch ends the thread."""
        with self._lock:
            pending = self.pending()
            self.keys = {}
            for each in pending:
                self.keys.setdefault(each.key, []).append(each)
            self._waits = {key: self._waits.get(key, 0) for key in self.keys}
            if not self.keys:
                self._thread = None
            share = max(1, MAX_BATCH_REQUESTS // max(1, len(self.keys)))
            return split_batch([each for held in self.keys.values() for each in held[:share]])[0]

    def _pass(self, batch: list[Pending[R]]) -> None:
        keys = list(dict.fromkeys(each.key for each in batch))
        requests = [each.request for each in batch]
        prepare(self._batches, requests)
        try:
            outcomes = commit_unlocked(self._batches, requests, lock_timeout_ms=ROW_TIMEOUT_MS)
        except LockedRow:
            # A row that several keys share, such as that of a person who sends in several chats, is
            # locked. Try each key alone.
            locked = keys
        else:
            pairs = zip(batch, outcomes, strict=True)
            done = [(each, outcome) for each, outcome in pairs if outcome is not None]
            self._finish(done)
            free = {each.key for each, _ in done}
            locked = [key for key in keys if key not in free]
            self._move_to_end(locked)
            locked = sorted(locked, key=self._waits.__getitem__)[:1]
        for key in locked:
            # Do not wait for requests that have timed out by now: other keys need the time.
            pending = [each for each in batch if each.key == key and not each.resolved]
            if pending:
                self._wait_for(key, pending)

    def _wait_for(self, key: UUID, pending: Sequence[Pending[R]]) -> None:
        requests = [each.request for each in pending]
        self._waits[key] += 1
        try:
            outcomes = commit_batch(self._batches, requests, lock_timeout_ms=KEY_TIMEOUT_MS)
        except LockedRow:
            self._move_to_end([key])
        else:
            self._finish(list(zip(pending, outcomes, strict=True)))

    def _move_to_end(self, keys: Iterable[UUID]) -> None:
        """Let the next pass begin with other keys: one batch may not hold all of them."""
        with self._lock:
            for key in keys:
                self.keys[key] = self.keys.pop(key)

    def _finish(self, done: list[tuple[Pending[R], A | Refused]]) -> None:
        deliver_outcomes(self._lock, done)
        locked_row_outages.recovered()
        with self._lock:
            for key in {each.key for each, _ in done}:
                self._requeue([each for each in self.keys.pop(key) if not each.resolved])
