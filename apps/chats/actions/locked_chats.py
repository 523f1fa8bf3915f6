"""Sends of chats that could not be locked in time: committed beside the others, by a thread that
ends when none is left.

Each pass commits what is not locked by now, in one transaction that waits for no chat. Then it
waits for one of the locked chats, a different one each time, in PostgreSQL's own queue: a chat
that another process writes to without a pause gets its turn there, and nothing is polled. A chat
whose sends were committed goes back to the other thread.
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
# A row that somebody holds is no outage of PostgreSQL: other chats go on.
locked_chat_outages = OutageLog(logger, "A chat that another transaction has locked")
# For other rows than a chat's, in a transaction that waits for no chat.
ROW_TIMEOUT_MS = 50
# Long enough for a turn behind the transactions of several other processes, short enough for a
# turn of each of several locked chats before their sends are refused.
CHAT_TIMEOUT_MS = 300


class LockedChats:
    """Sends by chat. Methods without an underscore are called with the lock held."""

    def __init__(self, lock: threading.Lock, requeue: Callable[[list[PendingSend]], None]) -> None:
        """`requeue` takes sends, with the lock held, that the other thread is to commit next."""
        self._lock = lock
        self._requeue = requeue
        self._thread: threading.Thread | None = None
        # A chat stays here until none of its sends waits or is under way: order is kept.
        self.chats: dict[UUID, list[PendingSend]] = {}

    def add(self, sends: Iterable[PendingSend]) -> None:
        """Set sends aside."""
        for each in sends:
            self.chats.setdefault(each.send.chat, []).append(each)
        if self.chats and not (self._thread and self._thread.is_alive()):
            self._start()

    @property
    def size(self) -> int:
        """How many sends are set aside."""
        return sum(map(len, self.chats.values())) if self.chats else 0

    def claim(self, sends: list[PendingSend]) -> list[PendingSend]:
        """Set those `sends` aside whose chats are; returns the others."""
        self.add(each for each in sends if each.send.chat in self.chats)
        return [each for each in sends if each.send.chat not in self.chats]

    def waiting(self) -> list[PendingSend]:
        """All sends that are set aside."""
        return [each for sends in self.chats.values() for each in sends if not each.resolved]

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="group-commit-locked", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:
            # The next send tries again. Until then these wait, and are refused when their time is
            # over; the thread that commits all others must not end with this.
            thread_outages.failed(error)
            return
        thread_outages.recovered()
        self._thread = thread

    def _run(self) -> None:
        with dedicated_connection():
            while batch := self._next_batch():
                self._pass(batch)

    def _next_batch(self) -> list[PendingSend]:
        """Some sends of each chat; none when the thread ends."""
        with self._lock:
            waiting = self.waiting()
            self.chats = {}
            for each in waiting:
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
            # A row that several chats share, such as a person's. Whose it is, each finds alone.
            locked = chats
        else:
            pairs = zip(batch, outcomes, strict=True)
            done = [(each, outcome) for each, outcome in pairs if outcome is not None]
            self._finish(done)
            free = {each.send.chat for each, _ in done}
            locked = [chat for chat in chats if chat not in free][:1]
        for chat in locked:
            # Those that were refused meanwhile are no longer waited for: others have their turn.
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
