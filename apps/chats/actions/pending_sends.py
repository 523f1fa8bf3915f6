"""Sends that wait for their outcome, and how they are answered: once."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from apps.chats.actions.messages import SendRequest, Sent
from apps.core.errors import Refused
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
thread_outages = OutageLog(logger, "A thread that commits messages")
Outcome = Sent | Refused
OutcomeCallback = Callable[[list[tuple[Any, Outcome]]], None]

MAX_BATCH_SENDS = 256
# A batch's texts together: keeps one batch of long texts from holding its locks for long.
MAX_BATCH_CHARACTERS = 1_000_000


class PendingSend:
    """One send that waits since `since` (of `time.monotonic`)."""

    __slots__ = ("queued_at", "receiver", "resolved", "send", "token")

    def __init__(self, send: SendRequest, receiver: OutcomeCallback, token: object) -> None:
        self.send = send
        self.receiver = receiver
        self.token = token
        self.queued_at = time.monotonic()
        self.resolved = False


def split_batch(waiting: list[PendingSend]) -> tuple[list[PendingSend], list[PendingSend]]:
    """The next batch, and the rest."""
    size = count = 0
    for count, each in enumerate(waiting, start=1):
        size += len(each.send.text)
        if count == MAX_BATCH_SENDS or size >= MAX_BATCH_CHARACTERS:
            break
    return waiting[:count], waiting[count:]


def deliver_outcomes(lock: threading.Lock, outcomes: Iterable[tuple[PendingSend, Outcome]]) -> None:
    """Call each receiver with all (token, outcome) pairs that are its own. A send that was
    answered before is passed over."""
    pairs: dict[OutcomeCallback, list[tuple[Any, Outcome]]] = {}
    with lock:
        for waiting, outcome in outcomes:
            if not waiting.resolved:
                waiting.resolved = True
                pairs.setdefault(waiting.receiver, []).append((waiting.token, outcome))
    for receiver, its_own in pairs.items():
        try:
            receiver(its_own)
        except Exception:
            logger.exception("a receiver of outcomes failed")
