"""Gathering: requests that arrive while the previous batch commits are committed together.

One thread per process and kind of request commits. When a row of a batch stays locked, the whole
batch moves to a second thread (`locked_keys`), which commits what is not locked and waits for the
rest: a locked row delays only the requests that need it. A third thread refuses requests as
`unavailable` that are not committed in time.

Callers submit a request and get its outcome exactly once; a caller that goes away cancels nothing.
A request that was refused as `unavailable` may still be committed: it must be safe to repeat.
"""

import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Generic

from apps.chats.actions.batch_transaction import (
    Batches,
    LockedRow,
    commit_batch,
    dedicated_connection,
    prepare,
)
from apps.chats.actions.locked_keys import LockedKeys, locked_row_outages
from apps.chats.actions.pending import (
    A,
    OutcomeCallback,
    Pending,
    R,
    deliver_outcomes,
    split_batch,
    thread_outages,
)
from apps.core.database import database_outages
from apps.core.errors import RateLimited, Unavailable

# About a second of work. Refusing early is better than a long queue.
MAX_QUEUED = 20_000
# Other processes that write the same rows usually finish sooner. A longer wait would delay the
# others of the batch.
LOCK_TIMEOUT_MS = 50
# Each request has an outcome within three seconds. One that was queued for QUEUE_TIMEOUT_S is not
# started any more: it would be refused while it is being committed.
QUEUE_TIMEOUT_S = 2.0
OUTCOME_TIMEOUT_S = 2.8
# Shortest time between two scans of the queue for timeouts: under load it holds thousands of
# requests.
WATCH_INTERVAL_S = 0.05


class Gatherer(Generic[R, A]):
    """Gathers requests and commits them in batches, in the order of arrival.

    `interval_s`: the shortest time from the start of a batch to the start of the next one, unless
    more is waiting than a batch holds. The first request after a quiet time never waits.
    """

    def __init__(self, batches: Batches[R, A], *, interval_s: float = 0) -> None:
        self._batches = batches
        self._interval_s = interval_s
        self._may_start_at = 0.0
        self._at_once = threading.Event()
        self._lock = threading.Lock()
        self._wakeup = threading.Condition(self._lock)
        self._queue: list[Pending[R]] = []
        self._in_progress: list[Pending[R]] = []
        self._locked_keys = LockedKeys(batches, self._lock, self._requeue)
        self._threads: dict[str, threading.Thread] = {}

    def submit(self, request: R, callback: OutcomeCallback, token: object) -> None:
        """Queue `request`. Later `callback` is called from another thread, once per batch, with all
        (token, outcome) pairs that were submitted with it.

        Raises RateLimited when the queue is full, and Unavailable when the process cannot start a
        thread.
        """
        batches = self._batches
        key, size = batches.key_of(request), batches.size_of(request)
        with self._wakeup:
            if len(self._queue) + self._locked_keys.size >= MAX_QUEUED:
                raise RateLimited(retry_after=2)
            self._start(self._watch, f"{batches.name}-watch")
            self._start(self._run, batches.name)
            self._queue.append(Pending(request, key, size, callback, token))
            self._wakeup.notify()

    @property
    def idle(self) -> bool:
        """Whether no request waits for its outcome."""
        with self._lock:
            return next(self._deadlines(), None) is None

    def start_at_once(self) -> None:
        """Start the next batch without waiting for the interval."""
        self._at_once.set()

    def _start(self, work: Callable[[], None], name: str) -> None:
        """Start the named thread unless it is running. Replaces one that ended with an error."""
        known = self._threads.get(name)
        if known is not None and known.is_alive():
            return
        thread = threading.Thread(target=work, name=name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            thread_outages.failed(error)
            raise Unavailable from None
        thread_outages.recovered()
        self._threads[name] = thread

    def _run(self) -> None:
        batches = self._batches
        with dedicated_connection():
            while True:
                batch = self._next_batch()
                requests = [each.request for each in batch]
                prepare(batches, requests)
                try:
                    outcomes = commit_batch(batches, requests, lock_timeout_ms=LOCK_TIMEOUT_MS)
                except LockedRow:
                    with self._lock:
                        self._locked_keys.add(batch)
                else:
                    deliver_outcomes(self._lock, zip(batch, outcomes, strict=True))

    def _next_batch(self) -> list[Pending[R]]:
        if (wait_s := self._may_start_at - time.monotonic()) > 0:
            # Not for `_wakeup`: each request would wake this thread.
            self._at_once.wait(wait_s)
        with self._wakeup:
            self._at_once.clear()
            self._in_progress = []
            while not self._start_batch():
                self._wakeup.wait()
            if self._interval_s and not self._queue:
                self._may_start_at = time.monotonic() + self._interval_s
            return self._in_progress

    def _start_batch(self) -> bool:
        """Take the next batch from the queue. Returns whether there is one."""
        if self._locked_keys.keys:
            self._queue = self._locked_keys.divert(self._queue)
        self._in_progress, self._queue = split_batch(self._queue)
        return bool(self._in_progress)

    def _requeue(self, pending: list[Pending[R]]) -> None:
        """Put requests at the front of the queue. Call it with the lock held."""
        if pending:
            self._queue = pending + self._queue
            self._wakeup.notify()

    def _watch(self) -> None:
        """Refuse requests that are not committed in time, even while the committing threads
        hang."""
        while True:
            with self._lock:
                now = time.monotonic()
                late = [each for each, until in self._deadlines() if until <= now]
                hangs = any(each.key not in self._locked_keys.keys for each in late)
                self._queue = [
                    each for each in self._queue if now < each.queued_at + QUEUE_TIMEOUT_S
                ]
                # Requests that arrive from now on have a later deadline.
                until = min(
                    (until for _, until in self._deadlines() if until > now),
                    default=now + QUEUE_TIMEOUT_S,
                )
            if late:
                (database_outages if hangs else locked_row_outages).failed(
                    TimeoutError("no response in time")
                )
                deliver_outcomes(self._lock, ((each, Unavailable()) for each in late))
            time.sleep(max(WATCH_INTERVAL_S, until - now))

    def _deadlines(self) -> Iterator[tuple[Pending[R], float]]:
        """All pending requests, each with its deadline."""
        for each in self._queue:
            yield each, each.queued_at + QUEUE_TIMEOUT_S
        for each in chain(self._in_progress, self._locked_keys.pending()):
            if not each.resolved:
                yield each, each.queued_at + OUTCOME_TIMEOUT_S
