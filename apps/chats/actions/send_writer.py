"""Runs the statement that writes a batch of messages (`send_statement`), under the locks of the
chats. For people whom moderators slowed down: again, under locks that count their sends in all
chats.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import psycopg
from django.db import connection
from msgspec import Struct

from apps.accounts.actions import slowdowns
from apps.chats.actions import attachments, mentions
from apps.chats.actions.chat_locks import LOCK_CHATS
from apps.chats.actions.send_statement import (
    MAX_PREPARED_BATCH,
    MAY_MENTION_ALL,
    WRITE,
    Result,
    result_row,
)
from apps.core.identifiers import new_id
from apps.core.reads import bigints, numbered
from apps.core.round_trips import one_round_trip
from apps.wire import bodies


class SendRequest(Struct, frozen=True):
    """One message to send. Create it with `messages.validated_send`. `approved`: a moderator
    allowed its text, which rules then do not hold. `trace`: its W3C trace context, if it is traced.
    `layout`: how it is drawn, if a program wrote it."""

    sender: UUID
    chat: UUID
    client_id: UUID
    text: str
    reply_to: int | None = None
    files: Sequence[UUID] = ()
    approved: bool = False
    trace: str = ""
    layout: bodies.Layout | None = None


class BatchItem(NamedTuple):
    """A send of a batch, the mentions and files in it, and its result. `wait_s`: after how many
    seconds a slowed send may be repeated."""

    send: SendRequest
    mentioned: mentions.Mentions
    files: attachments.Files
    result: Result
    wait_s: float | None = None


def write_batch(sends: list[SendRequest], lock_timeout_ms: int | None) -> list[BatchItem]:
    """Write sends in the caller's transaction; none may repeat another. Returns them in the same
    order, with their results."""
    mentioned = mentions.resolve([(send.chat, send.text) for send in sends])
    files = attachments.resolve([(send.sender, send.files) for send in sends])
    with one_round_trip(result_row, lock_timeout_ms=lock_timeout_ms) as (lock, write):
        lock.execute(numbered(LOCK_CHATS), [list({send.chat for send in sends})], prepare=True)
        write.execute(
            numbered(WRITE),
            _parameters(sends, mentioned, files, is_turn=False),
            prepare=len(sends) <= MAX_PREPARED_BATCH,
            binary=True,
        )
        results = write.fetchall()
    batch = list(map(BatchItem, sends, mentioned, files, results))
    if any(item.result.outcome == "slowed" for item in batch):
        return _write_slowed(batch)
    return batch


def _write_slowed(batch: list[BatchItem]) -> list[BatchItem]:
    """Write those of the slowed sends whose senders may send now, at most one of each. Returns the
    batch with their results, and with the time that the others have to wait."""
    slowed = {i: item for i, item in enumerate(batch) if item.result.outcome == "slowed"}
    turns = slowdowns.lock_turns({item.send.sender for item in slowed.values()})
    now: dict[int, BatchItem] = {}
    for i, item in slowed.items():
        turn = turns.get(item.send.sender)
        if turn is not None and turn.wait_s > 0:
            batch[i] = item._replace(wait_s=turn.wait_s)
            continue
        now[i] = item
        if turn is not None:
            turns[item.send.sender] = turn._replace(wait_s=turn.interval_s)
    if now:
        sends, mentioned, files, *_ = zip(*now.values(), strict=True)
        with (
            connection.wrap_database_errors,
            psycopg.RawCursor(connection.connection, row_factory=result_row) as write,
        ):
            parameters = _parameters(sends, mentioned, files, is_turn=True)
            write.execute(numbered(WRITE), parameters, prepare=False, binary=True)
            for (i, item), result in zip(now.items(), write.fetchall(), strict=True):
                batch[i] = item._replace(result=result)
        slowdowns.note_sent({send.sender for send in sends})
    return batch


def _parameters(
    sends: Sequence[SendRequest],
    mentioned: Sequence[mentions.Mentions],
    files: Sequence[attachments.Files],
    *,
    is_turn: bool,
) -> list[object]:
    """Those of `WRITE`. `is_turn`: slowed senders may send these."""
    return [
        [send.chat for send in sends],
        [send.sender for send in sends],
        [send.client_id for send in sends],
        [new_id() for _ in sends],
        [send.text for send in sends],
        bigints(send.reply_to for send in sends),
        [each.as_array for each in mentioned],
        [each.mentions_all for each in mentioned],
        [each.as_json for each in files],
        MAY_MENTION_ALL,
        is_turn,
    ]
