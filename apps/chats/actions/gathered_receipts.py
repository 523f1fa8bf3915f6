"""Receipts of this process's clients, gathered as sends are (`gathering`), in threads of their own:
they never delay sends, resumes, or the checks of sessions.

A report is acknowledged after the commit that moves its positions. What was not acknowledged is
reported again; positions only move forward, so a repeat changes nothing.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from apps.chats.actions.gathering import Gatherer
from apps.chats.actions.pending import MAX_BATCH_SIZE, OutcomeCallback
from apps.chats.actions.receipts import Report, move_batch, try_lock_people
from apps.core import limits

# People who are looking report once a second. Each batch is one frame for each chat and one for
# each person; other devices of a person wait this long at most, and the commit.
INTERVAL_S = 0.15
# Positions in a batch.
MAX_POSITIONS = 2_000


class ReportBatches:
    """Reports, by person."""

    name = "receipts"

    def key_of(self, request: Report) -> UUID:
        """The person."""
        return request.person

    def size_of(self, request: Report) -> int:
        """By the number of positions."""
        return len(request.receipts) * (MAX_BATCH_SIZE // MAX_POSITIONS)

    def prepare(self, requests: Sequence[Report]) -> None:
        """Nothing to prepare."""

    def write(self, requests: Sequence[Report], *, lock_timeout_ms: int) -> list[Literal[True]]:
        """Move the positions."""
        move_batch(requests, lock_timeout_ms=lock_timeout_ms)
        return [True] * len(requests)

    def try_lock(self, requests: Sequence[Report]) -> set[UUID]:
        """Lock the rows of people, except where another transaction has one of them."""
        return try_lock_people(requests)


class GatheredReceipts(Gatherer[Report, Literal[True]]):
    """Gathers reports."""

    def __init__(self) -> None:
        super().__init__(ReportBatches(), interval_s=INTERVAL_S)

    def submit(self, request: Report, callback: OutcomeCallback, token: object) -> None:
        """As for all requests. Raises RateLimited also when the person has reported too often."""
        limits.check(limits.RECEIPTS, request.person)
        super().submit(request, callback, token)


gathered_receipts = GatheredReceipts()
