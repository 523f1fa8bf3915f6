"""Group commit: sends that arrive while the previous batch commits are committed together.

One thread a process. Callers hand over a send and are told the outcome; a caller that goes away
does not cancel anything.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from apps.chats.actions.messages import Send, Sent, send_batch
from apps.core import limits
from apps.core.errors import Invalid, RateLimited, Refused, Unavailable

logger = logging.getLogger(__name__)
Outcome = Sent | Refused
Receiver = Callable[[list[tuple[Any, Outcome]]], None]
Waiting = tuple[Send, Receiver, Any]

MOST_IN_A_BATCH = 256
# A batch's texts together: keeps one batch of long texts from holding its locks for long.
MOST_CHARACTERS = 1_000_000
# Beyond this a second's worth of work is waiting; refusing early is kinder than a long queue.
MOST_WAITING = 20_000


class GroupCommit:
    """Gathers sends and commits them in batches, in the order they came."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._wakeup = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, send: Send, receiver: Receiver, token: object) -> None:
        """Queue `send`; later `receiver` is called once a batch, from the committing thread, with
        all (token, outcome) pairs that are its own. Raises RateLimited when the sender has sent
        too much, or too much waits."""
        limits.check(limits.SENDS, send.sender)
        with self._wakeup:
            if len(self._waiting) >= MOST_WAITING:
                raise RateLimited(retry_after=2)
            self._waiting.append((send, receiver, token))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()
            self._wakeup.notify()

    def send(self, send: Send) -> Sent:
        """Queue `send` and wait until it is committed. Raises Refused."""
        future: Future[Outcome] = Future()
        self.submit(send, _fulfil, future)
        outcome = future.result()
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    def _run(self) -> None:
        while True:
            batch = self._take()
            outcomes = _commit([send for send, _, _ in batch])
            for receiver, pairs in _by_receiver(batch, outcomes).items():
                try:
                    receiver(pairs)
                except Exception:
                    logger.exception("a receiver of outcomes failed")

    def _take(self) -> list[Waiting]:
        with self._wakeup:
            while not self._waiting:
                self._wakeup.wait()
            size = 0
            for count, (send, _, _) in enumerate(self._waiting, start=1):
                size += len(send.text)
                if count == MOST_IN_A_BATCH or size >= MOST_CHARACTERS:
                    break
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            return batch


def _commit(sends: Sequence[Send]) -> Sequence[Outcome]:
    try:
        return send_batch(sends)
    except (OperationalError, InterfaceError):
        logger.warning("the database is away; %d sends are refused", len(sends), exc_info=True)
        connection.close()
        return [Unavailable()] * len(sends)
    except Exception:
        # One of them cannot be stored, or not even be handed to the database. Alone each fails or
        # succeeds for itself. The thread must outlive whatever it was: nobody else would send.
        if len(sends) > 1:
            return [_commit([send])[0] for send in sends]
        logger.exception("a send cannot be stored")
        return [Invalid("This text cannot be stored.")]


def _by_receiver(
    batch: list[Waiting], outcomes: Sequence[Outcome]
) -> dict[Receiver, list[tuple[Any, Outcome]]]:
    sorted_out: dict[Receiver, list[tuple[Any, Outcome]]] = {}
    for (_, receiver, token), outcome in zip(batch, outcomes, strict=True):
        sorted_out.setdefault(receiver, []).append((token, outcome))
    return sorted_out


def _fulfil(pairs: list[tuple[Any, Outcome]]) -> None:
    for future, outcome in pairs:
        future.set_result(outcome)


group_commit = GroupCommit()
