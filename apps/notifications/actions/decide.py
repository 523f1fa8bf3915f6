"""Decides who is notified of new messages, and records each decision in the ledger of pushes.

Runs in the transaction that sends the messages. The caller holds the chats' locks, so only one
transaction at a time records decisions about a chat.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.core.identifiers import new_id
from apps.core.reads import bigints
from apps.core.runtime import runtime
from apps.notifications.actions.timers import wake_after
from apps.notifications.rules import PUSH_REASONS, ChatPreferences, Reason, decide

# Later messages extend the pending row, which the partial unique index finds. ORDER BY: two batches
# that touch the same people lock their rows in the same order and never deadlock.
RECORD_PENDING = """
INSERT INTO notifications_push (id, user_id, chat_id, state, reason, first_seq, last_seq, open,
    due_at, newest_due_at, created_at)
SELECT id, user_id, chat_id, 'pending', reason, first, last, true, clock.now + delay * interval
    '1 second', clock.now + delay * interval '1 second', clock.now
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::bigint[], %s::int[])
    AS run (id, user_id, chat_id, reason, first, last, delay)
CROSS JOIN (SELECT clock_timestamp() AS now) clock
ORDER BY user_id, chat_id
ON CONFLICT (user_id, chat_id) WHERE state = 'pending'
DO UPDATE SET last_seq = excluded.last_seq, newest_due_at = excluded.newest_due_at
"""
# Extends the last row of the chat when it was skipped for the same reason; else inserts a row.
RECORD_SKIPPED = """
WITH run AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[],
        %s::bigint[]) AS run (id, user_id, chat_id, reason, first, last)
), newest AS (
    SELECT run.id AS run, p.id, p.state, p.reason FROM run CROSS JOIN LATERAL (
        SELECT id, state, reason FROM notifications_push
        WHERE user_id = run.user_id AND chat_id = run.chat_id ORDER BY last_seq DESC LIMIT 1) p
), extended AS (
    UPDATE notifications_push p SET last_seq = run.last, newest_due_at = now()
    FROM run JOIN newest ON newest.run = run.id
    WHERE p.id = newest.id AND p.state = 'skipped' AND p.reason = run.reason
    RETURNING run.id
)
INSERT INTO notifications_push (id, user_id, chat_id, state, reason, first_seq, last_seq, open,
    due_at, newest_due_at, created_at)
SELECT id, user_id, chat_id, 'skipped', reason, first, last, false, now(), now(), now()
FROM run WHERE id NOT IN (SELECT id FROM extended)
"""


class Candidate(Struct, frozen=True):
    """A member with a device, and a message that they may be notified of. `delay` in seconds,
    None for the server's default."""

    person: UUID
    chat: UUID
    seq: int
    text: str
    mentioned: bool
    preferences: ChatPreferences
    delay: int | None = None


class Run(Struct):
    """A run of messages of one chat with the same decision for one person; `delay` in seconds."""

    person: UUID
    chat: UUID
    reason: Reason
    first: int
    last: int
    delay: int

    @property
    def pushed(self) -> bool:
        """Whether the person is notified."""
        return self.reason in PUSH_REASONS


def record_decisions(candidates: Iterable[Candidate], *, now: datetime) -> None:
    """Decide on each candidate, in the order of the messages, and record the decisions.

    A notified person gets a push that is due after their delay; one that is pending already is
    extended and keeps its time. Call it inside the transaction that commits the messages.
    """
    runs = _runs(candidates, now)
    pushed = _merged(run for run in runs if run.pushed)
    skipped = [run for run in runs if not run.pushed]
    with connection.cursor() as cursor:
        if pushed:
            cursor.execute(RECORD_PENDING, [*_columns(pushed), [run.delay for run in pushed]])
        while skipped:
            # One run per person and chat in each statement: a run may extend the row that the
            # run before it wrote.
            first = {(run.person, run.chat): run for run in reversed(skipped)}
            cursor.execute(RECORD_SKIPPED, _columns(list(first.values())))
            skipped = [run for run in skipped if first[run.person, run.chat] is not run]
    delays = {run.delay for run in pushed}
    transaction.on_commit(lambda: wake_after(delays), robust=True)


def _runs(candidates: Iterable[Candidate], now: datetime) -> list[Run]:
    runs: list[Run] = []
    newest: dict[tuple[UUID, UUID], Run] = {}
    for one in candidates:
        reason = decide(one.preferences, text=one.text, mentioned=one.mentioned, now=now)
        known = newest.get((one.person, one.chat))
        if known is not None and known.reason is reason:
            known.last = one.seq
            continue
        delay = runtime.PUSH_AFTER if one.delay is None else one.delay
        run = Run(one.person, one.chat, reason, one.seq, one.seq, delay)
        newest[one.person, one.chat] = run
        runs.append(run)
    return runs


def _merged(runs: Iterable[Run]) -> list[Run]:
    """One run per person and chat, from the first message to the last."""
    merged: dict[tuple[UUID, UUID], Run] = {}
    for run in runs:
        known = merged.setdefault((run.person, run.chat), run)
        known.last = run.last
    return list(merged.values())


def _columns(runs: Sequence[Run]) -> list[str | list[Any]]:
    return [
        [new_id() for _ in runs],
        [run.person for run in runs],
        [run.chat for run in runs],
        [run.reason.value for run in runs],
        bigints(run.first for run in runs),
        bigints(run.last for run in runs),
    ]
