"""Sends that wait for their outcome, and how they are answered: once."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from apps.chats.actions.messages import Send, Sent
from apps.core.errors import Refused
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
threads = OutageLog(logger, "A thread that commits messages")
Outcome = Sent | Refused
Receiver = Callable[[list[tuple[Any, Outcome]]], None]

MAX_IN_A_BATCH = 256
# A batch's texts together: keeps one batch of long texts from holding its locks for long.
MAX_CHARACTERS = 1_000_000


class Waiting:
    """One send that waits since `since` (of `time.monotonic`)."""

    __slots__ = ("answered", "receiver", "send", "since", "token")

    def __init__(self, send: Send, receiver: Receiver, token: object) -> None:
        self.send = send
        self.receiver = receiver
        self.token = token
        self.since = time.monotonic()
        self.answered = False


def cut(waiting: list[Waiting]) -> tuple[list[Waiting], list[Waiting]]:
    """The next batch, and the rest."""
    size = count = 0
    for count, each in enumerate(waiting, start=1):
        size += len(each.send.text)
        if count == MAX_IN_A_BATCH or size >= MAX_CHARACTERS:
            break
    return waiting[:count], waiting[count:]


def answer(lock: threading.Lock, outcomes: Iterable[tuple[Waiting, Outcome]]) -> None:
    """Call each receiver with all (token, outcome) pairs that are its own. A send that was
    answered before is passed over."""
    pairs: dict[Receiver, list[tuple[Any, Outcome]]] = {}
    with lock:
        for waiting, outcome in outcomes:
            if not waiting.answered:
                waiting.answered = True
                pairs.setdefault(waiting.receiver, []).append((waiting.token, outcome))
    for receiver, its_own in pairs.items():
        try:
            receiver(its_own)
        except Exception:
            logger.exception("a receiver of outcomes failed")
