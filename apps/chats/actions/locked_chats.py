"""Sends of chats that could not be locked in time, committed by a thread of their own.

Each pass commits the sends whose chats are no longer locked, in one transaction that waits for no
chat. Then it waits for one of the locked chats, a different one each time, in PostgreSQL's own lock
queue: there a chat that another process writes to without pause gets its turn, and nothing is
polled. Chats whose sends were committed return to the main thread. The thread ends when no sends
are left.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from apps.chats.actions.batch_transaction import (
    LockedRow,
    commit_batch,
    commit_unlocked,
    dedicated_connection,
)
from apps.chats.actions.pending_sends import (
    MAX_BATCH_SENDS,
    Outcome,
    PendingSend,
    deliver_outcomes,
    split_batch,
    thread_outages,
)
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
# A locked row is not an outage of PostgreSQL: other chats are unaffected.
locked_chat_outages = OutageLog(logger, "A chat that another transaction has locked")
# For rows other than chats, in the transaction that waits for no chat.
ROW_TIMEOUT_MS = 50
# Long enough to queue behind the transactions of several other processes, short enough that each of
# several locked chats gets a turn before its sends are refused.
CHAT_TIMEOUT_MS = 300


class LockedChats:
    """Pending sends by chat. Call the public methods with the lock held."""

    def __init__(self, lock: threading.Lock, requeue: Callable[[list[PendingSend]], None]) -> None:
        """`requeue` returns sends to the main thread; it is called with the lock held."""
        self._lock = lock
        self._requeue = requeue
        self._thread: threading.Thread | None = None
        # A chat stays here until none of its sends is pending, so that their order is kept.
        self.chats: dict[UUID, list[PendingSend]] = {}

    def add(self, sends: Iterable[PendingSend]) -> None:
        """Add sends, and start the thread if it is not running."""
        for each in sends:
            self.chats.setdefault(each.send.chat, []).append(each)
        if self.chats and not (self._thread and self._thread.is_alive()):
            self._start()

    @property
    def size(self) -> int:
        """The number of sends held here."""
        return sum(map(len, self.chats.values())) if self.chats else 0

    def divert(self, sends: list[PendingSend]) -> list[PendingSend]:
        """Add those `sends` whose chats are held here; returns the others."""
        self.add(each for each in sends if each.send.chat in self.chats)
        return [each for each in sends if each.send.chat not in self.chats]

    def pending(self) -> list[PendingSend]:
        """All unresolved sends held here."""
        return [each for sends in self.chats.values() for each in sends if not each.resolved]

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="group-commit-locked", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # The next send tries again; until then these stay queued and time out. The error must
            # not end the main thread, which calls this.
            thread_outages.failed(error)
            return
        thread_outages.recovered()
        self._thread = thread

    def _run(self) -> None:
        with dedicated_connection():
            while batch := self._next_batch():
                self._pass(batch)

    def _next_batch(self) -> list[PendingSend]:
        """Some sends of each chat. An empty batch ends the thread."""
        with self._lock:
            pending = self.pending()
            self.chats = {}
            for each in pending:
                self.chats.setdefault(each.send.chat, []).append(each)
            if not self.chats:
                self._thread = None
            share = max(1, MAX_BATCH_SENDS // max(1, len(self.chats)))
            return split_batch([each for sends in self.chats.values() for each in sends[:share]])[0]

    def _pass(self, batch: list[PendingSend]) -> None:
        chats = list(dict.fromkeys(each.send.chat for each in batch))
        try:
            outcomes = commit_unlocked(
                [each.send for each in batch], lock_timeout_ms=ROW_TIMEOUT_MS
            )
        except LockedRow:
            # A row shared by several chats, such as a person's, is locked. Try each chat alone.
            locked = chats
        else:
            pairs = zip(batch, outcomes, strict=True)
            done = [(each, outcome) for each, outcome in pairs if outcome is not None]
            self._finish(done)
            free = {each.send.chat for each, _ in done}
            locked = [chat for chat in chats if chat not in free][:1]
        for chat in locked:
            # Do not wait for sends that have timed out by now: other chats need the time.
            sends = [each for each in batch if each.send.chat == chat and not each.resolved]
            if sends:
                self._wait_for(chat, sends)

    def _wait_for(self, chat: UUID, sends: Sequence[PendingSend]) -> None:
        try:
            outcomes = commit_batch([each.send for each in sends], lock_timeout_ms=CHAT_TIMEOUT_MS)
        except LockedRow:
            with self._lock:
                self.chats[chat] = self.chats.pop(chat)
        else:
            self._finish(list(zip(sends, outcomes, strict=True)))

    def _finish(self, done: list[tuple[PendingSend, Outcome]]) -> None:
        deliver_outcomes(self._lock, done)
        locked_chat_outages.recovered()
        with self._lock:
            for chat in {each.send.chat for each, _ in done}:
                self._requeue([each for each in self.chats.pop(chat) if not each.resolved])
