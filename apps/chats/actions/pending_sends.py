"""Sends waiting for their outcome, and the delivery of outcomes, once per send."""

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
# Total length of a batch's texts, so that long texts do not hold the batch's locks for long.
MAX_BATCH_CHARACTERS = 1_000_000


class PendingSend:
    """A queued send. `queued_at` is a time of `time.monotonic`."""

    __slots__ = ("callback", "queued_at", "resolved", "send", "token")

    def __init__(self, send: SendRequest, callback: OutcomeCallback, token: object) -> None:
        self.send = send
        self.callback = callback
        self.token = token
        self.queued_at = time.monotonic()
        self.resolved = False


def split_batch(queue: list[PendingSend]) -> tuple[list[PendingSend], list[PendingSend]]:
    """Split `queue` into the next batch and the rest."""
    size = count = 0
    for count, each in enumerate(queue, start=1):
        size += len(each.send.text)
        if count == MAX_BATCH_SENDS or size >= MAX_BATCH_CHARACTERS:
            break
    return queue[:count], queue[count:]


def deliver_outcomes(lock: threading.Lock, outcomes: Iterable[tuple[PendingSend, Outcome]]) -> None:
    """Call each callback with all its (token, outcome) pairs. Skips sends resolved earlier."""
    pairs: dict[OutcomeCallback, list[tuple[Any, Outcome]]] = {}
    with lock:
        for pending, outcome in outcomes:
            if not pending.resolved:
                pending.resolved = True
                pairs.setdefault(pending.callback, []).append((pending.token, outcome))
    for callback, own_pairs in pairs.items():
        try:
            callback(own_pairs)
        except Exception:
            logger.exception("a callback for outcomes failed")
