"""Group commit: sends that arrive while the previous batch commits are committed together.

One thread per process commits. When a row of a batch stays locked, the whole batch moves to a
second thread (`locked_chats`), which commits what is not locked and waits for the rest: a locked
chat delays only itself. A third thread refuses sends as `unavailable` that are not committed in
time.

Callers submit a send and get its outcome exactly once; a caller that goes away cancels nothing. A
send that was refused as `unavailable` may still be committed: a retry with the same client id is
the same message.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import chain

from django.db import close_old_connections

from apps.chats.actions.batch_transaction import (
    LockedRow,
    commit_batch,
    dedicated_connection,
    refresh_rules,
)
from apps.chats.actions.locked_chats import LockedChats, locked_chat_outages
from apps.chats.actions.messages import SendRequest, Sent
from apps.chats.actions.pending_sends import (
    Outcome,
    OutcomeCallback,
    PendingSend,
    deliver_outcomes,
    split_batch,
    thread_outages,
)
from apps.core import limits
from apps.core.database import database_outages
from apps.core.errors import RateLimited, Refused, Unavailable

# About a second of work. Refusing early is better than a long queue.
MAX_QUEUED_SENDS = 20_000
# Other processes that write to the same chat usually finish sooner. A longer wait would delay the
# other chats of the batch.
LOCK_TIMEOUT_MS = 50
# Each send has an outcome within three seconds. A send that was queued for QUEUE_TIMEOUT_S is not
# started any more: it would be refused while it is being committed.
QUEUE_TIMEOUT_S = 2.0
OUTCOME_TIMEOUT_S = 2.8
# Shortest time between two scans of the queue for timeouts: under load it holds thousands of sends.
WATCH_INTERVAL_S = 0.05


class GroupCommit:
    """Gathers sends and commits them in batches, in the order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakeup = threading.Condition(self._lock)
        self._queue: list[PendingSend] = []
        self._in_progress: list[PendingSend] = []
        self._locked_chats = LockedChats(self._lock, self._requeue)
        self._threads: dict[str, threading.Thread] = {}

    def submit(self, send: SendRequest, callback: OutcomeCallback, token: object) -> None:
        """Queue `send`. Later `callback` is called from another thread, once per batch, with all
        (token, outcome) pairs that were submitted with it.

        Raises RateLimited when the sender has sent too much or the queue is full, and Unavailable
        when the process cannot start a thread.
        """
        limits.check(limits.SENDS, send.sender)
        with self._wakeup:
            if len(self._queue) + self._locked_chats.size >= MAX_QUEUED_SENDS:
                raise RateLimited(retry_after=2)
            self._start(self._watch, "group-commit-watch")
            self._start(self._run, "group-commit")
            self._queue.append(PendingSend(send, callback, token))
            self._wakeup.notify()

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

    def send(self, send: SendRequest) -> Sent:
        """Queue `send` and wait until it is committed. Raises Refused."""
        future: Future[Outcome] = Future()
        self.submit(send, _set_results, future)
        # Return the request's connection to the pool while it waits.
        close_old_connections()
        try:
            outcome = future.result(OUTCOME_TIMEOUT_S + 1)
        except TimeoutError:
            raise Unavailable from None
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def _run(self) -> None:
        with dedicated_connection():
            while True:
                batch = self._next_batch()
                sends = [each.send for each in batch]
                refresh_rules()
                try:
                    outcomes = commit_batch(sends, lock_timeout_ms=LOCK_TIMEOUT_MS)
                except LockedRow:
                    with self._lock:
                        self._locked_chats.add(batch)
                else:
                    deliver_outcomes(self._lock, zip(batch, outcomes, strict=True))

    def _next_batch(self) -> list[PendingSend]:
        with self._wakeup:
            self._in_progress = []
            while not self._start_batch():
                self._wakeup.wait()
            return self._in_progress

    def _start_batch(self) -> bool:
        """Take the next batch from the queue. Returns whether there is one."""
        if self._locked_chats.chats:
            self._queue = self._locked_chats.divert(self._queue)
        self._in_progress, self._queue = split_batch(self._queue)
        return bool(self._in_progress)

    def _requeue(self, sends: list[PendingSend]) -> None:
        """Put sends at the front of the queue. Call it with the lock held."""
        if sends:
            self._queue = sends + self._queue
            self._wakeup.notify()

    def _watch(self) -> None:
        """Refuse sends that are not committed in time, even while the committing threads hang."""
        while True:
            with self._lock:
                now = time.monotonic()
                late = [each for each, until in self._deadlines() if until <= now]
                hangs = any(each.send.chat not in self._locked_chats.chats for each in late)
                self._queue = [
                    each for each in self._queue if now < each.queued_at + QUEUE_TIMEOUT_S
                ]
                # Sends that arrive from now on have a later deadline.
                until = min(
                    (until for _, until in self._deadlines() if until > now),
                    default=now + QUEUE_TIMEOUT_S,
                )
            if late:
                (database_outages if hangs else locked_chat_outages).failed(
                    TimeoutError("no response in time")
                )
                deliver_outcomes(self._lock, ((each, Unavailable()) for each in late))
            time.sleep(max(WATCH_INTERVAL_S, until - now))

    def _deadlines(self) -> Iterator[tuple[PendingSend, float]]:
        """All pending sends, each with its deadline."""
        for each in self._queue:
            yield each, each.queued_at + QUEUE_TIMEOUT_S
        for each in chain(self._in_progress, self._locked_chats.pending()):
            if not each.resolved:
                yield each, each.queued_at + OUTCOME_TIMEOUT_S


def _set_results(pairs: list[tuple[Future[Outcome], Outcome]]) -> None:
    for future, outcome in pairs:
        future.set_result(outcome)


group_commit = GroupCommit()
