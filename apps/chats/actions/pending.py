"""Requests waiting for their outcome, and the delivery of outcomes, once per request."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar
from uuid import UUID

from apps.core.errors import Refused
from apps.core.outage_log import OutageLog

logger = logging.getLogger(__name__)
thread_outages = OutageLog(logger, "A thread that commits what was gathered")
R = TypeVar("R")
A = TypeVar("A")
OutcomeCallback = Callable[[list[tuple[Any, Any]]], None]

MAX_BATCH_REQUESTS = 256
# Total size of a batch (see `Batches.size_of`), so that large requests do not hold the batch's
# locks for long.
MAX_BATCH_SIZE = 1_000_000


class Pending(Generic[R]):
    """A queued request. `key` names the rows that it shares with others (see `Batches.key_of`);
    `queued_at` is a time of `time.monotonic`."""

    __slots__ = ("callback", "key", "queued_at", "request", "resolved", "size", "token")

    def __init__(
        self, request: R, key: UUID, size: int, callback: OutcomeCallback, token: object
    ) -> None:
        self.request = request
        self.key = key
        self.size = size
        self.callback = callback
        self.token = token
        self.queued_at = time.monotonic()
        self.resolved = False


def split_batch(queue: list[Pending[R]]) -> tuple[list[Pending[R]], list[Pending[R]]]:
    """Split `queue` into the next batch and the rest."""
    size = count = 0
    for count, each in enumerate(queue, start=1):
        size += each.size
        if count == MAX_BATCH_REQUESTS or size >= MAX_BATCH_SIZE:
            break
    return queue[:count], queue[count:]


def deliver_outcomes(
    lock: threading.Lock, outcomes: Iterable[tuple[Pending[R], A | Refused]]
) -> None:
    """Call each callback with all its (token, outcome) pairs. Skips requests resolved earlier."""
    pairs: dict[OutcomeCallback, list[tuple[Any, Any]]] = {}
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
