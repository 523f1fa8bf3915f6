"""Group commit: sends that arrive while the previous batch commits are committed together.

One thread a process commits. When a row of a batch stays locked, the whole batch is set aside: a
second thread commits what is not locked and waits for the rest (`locked_chats`), so a locked chat
delays only itself. A third thread refuses, as `unavailable`, what is not committed in time.

Callers hand over a send and are told its outcome, once; a caller that goes away cancels nothing.
A send that was refused as `unavailable` may be committed all the same: its client id makes the
next try the same message.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from itertools import chain

from django.db import close_old_connections

from apps.chats.actions.batch_transaction import LockedRow, commit_batch, dedicated_connection
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

# Beyond this a second's worth of work is waiting; refusing early is kinder than a long queue.
MAX_QUEUED_SENDS = 20_000
# Another process that writes to the same chat is done sooner. A wait that is longer would hold up
# the other chats of the batch.
LOCK_TIMEOUT_MS = 50
# Each send is answered within three seconds. One that waited this long for its turn is not begun
# any more: it would be refused while it is committed.
QUEUE_TIMEOUT_S = 2.0
OUTCOME_TIMEOUT_S = 2.8
# How often, at most, the watch goes over the waiting sends: under load thousands wait.
WATCH_INTERVAL_S = 0.05


class GroupCommit:
    """Gathers sends and commits them in batches, in the order they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wakeup = threading.Condition(self._lock)
        self._queue: list[PendingSend] = []
        self._in_progress: list[PendingSend] = []
        self._locked_chats = LockedChats(self._lock, self._requeue)
        self._threads: dict[str, threading.Thread] = {}

    def submit(self, send: SendRequest, receiver: OutcomeCallback, token: object) -> None:
        """Queue `send`; later `receiver` is called once a batch, from another thread, with all
        (token, outcome) pairs that are its own. Raises RateLimited when the sender has sent too
        much, or too much waits, and Unavailable when the process cannot start a thread."""
        limits.check(limits.SENDS, send.sender)
        with self._wakeup:
            if len(self._queue) + self._locked_chats.size >= MAX_QUEUED_SENDS:
                raise RateLimited(retry_after=2)
            self._start(self._watch, "group-commit-watch")
            self._start(self._run, "group-commit")
            self._queue.append(PendingSend(send, receiver, token))
            self._wakeup.notify()

    def _start(self, work: Callable[[], None], name: str) -> None:
        """Start a thread unless it runs; one that an error ended is replaced."""
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
        # The request's connection goes back to the pool: others need it meanwhile.
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
        """Make the next batch the one under way; whether there is any."""
        if self._locked_chats.chats:
            self._queue = self._locked_chats.claim(self._queue)
        self._in_progress, self._queue = split_batch(self._queue)
        return bool(self._in_progress)

    def _requeue(self, sends: list[PendingSend]) -> None:
        """Have sends committed before all others; called with the lock held."""
        if sends:
            self._queue = sends + self._queue
            self._wakeup.notify()

    def _watch(self) -> None:
        """Refuse what is not committed in time, even while PostgreSQL lets the others hang."""
        while True:
            with self._lock:
                now = time.monotonic()
                late = [each for each, until in self._deadlines() if until <= now]
                hangs = any(each.send.chat not in self._locked_chats.chats for each in late)
                self._queue = [
                    each for each in self._queue if now < each.queued_at + QUEUE_TIMEOUT_S
                ]
                # What comes from now on is not late before that.
                until = min(
                    (until for _, until in self._deadlines() if until > now),
                    default=now + QUEUE_TIMEOUT_S,
                )
            if late:
                (database_outages if hangs else locked_chat_outages).failed(
                    TimeoutError("no answer in time")
                )
                deliver_outcomes(self._lock, ((each, Unavailable()) for each in late))
            time.sleep(max(WATCH_INTERVAL_S, until - now))

    def _deadlines(self) -> Iterator[tuple[PendingSend, float]]:
        """Sends that wait, and when each is late."""
        for each in self._queue:
            yield each, each.queued_at + QUEUE_TIMEOUT_S
        for each in chain(self._in_progress, self._locked_chats.waiting()):
            if not each.resolved:
                yield each, each.queued_at + OUTCOME_TIMEOUT_S


def _set_results(pairs: list[tuple[Future[Outcome], Outcome]]) -> None:
    for future, outcome in pairs:
        future.set_result(outcome)


group_commit = GroupCommit()
