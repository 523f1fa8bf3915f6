"""Sending: the one place that writes the timeline.

`send_batch` takes any number of sends and commits them in one transaction (decision 4 of the
architecture); `group_commit` gathers what arrives together. What makes a batch right:

- chats are locked in id order, so two batches never deadlock, and members are written in that
  order, too, in which `receipts` locks them;
- membership and contact are read after the lock, in the same transaction;
- repeats are taken out before numbers are given, so a retry leaves no gap;
- a refused item costs the others nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection, transaction
from msgspec import Struct

from apps.core.errors import Empty, Invalid, NotContacts, NotFound, Refused, TooLong
from apps.core.identifiers import new_id
from apps.wire import bodies, events
from apps.wire.publish import Publication, publish

# Bound once: Django's settings are slow to ask, and this is asked for every message.
TEXT_LENGTH: int = settings.TEXT_LENGTH
LOCK = "SELECT id FROM chats_chat WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# One statement after the lock, so that it sees everything committed before the lock was taken.
# `at` never goes back within a chat, whatever the clocks do. Writing implies having read.
WRITE = """
WITH item AS MATERIALIZED (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[])
    WITH ORDINALITY AS i (chat_id, sender_id, client_id, id, text, n)
), judged AS MATERIALIZED (
    SELECT i.n, i.chat_id, i.sender_id, i.client_id, i.id, i.text, c.last_seq, c.rev,
           greatest(c.active_at, clock.now) AS at,
           d.seq AS d_seq, d.rev AS d_rev, d.id AS d_id, d.created_at AS d_at,
           CASE WHEN m.user_id IS NULL THEN 'not_found'
                WHEN d.seq IS NOT NULL THEN 'repeated'
                WHEN c.kind = 'direct' AND k.state IS DISTINCT FROM 'contact' THEN 'not_contacts'
                ELSE 'fresh' END AS outcome
    FROM item i
    CROSS JOIN (SELECT clock_timestamp() AS now) clock
    LEFT JOIN chats_chat c ON c.id = i.chat_id
    LEFT JOIN chats_member m
        ON m.chat_id = i.chat_id AND m.user_id = i.sender_id AND m.left_rev IS NULL
    LEFT JOIN chats_message d
        ON d.chat_id = i.chat_id AND d.sender_id = i.sender_id AND d.client_id = i.client_id
    LEFT JOIN contacts_contact k
        ON k.owner_id = CASE WHEN c.low = i.sender_id THEN c.high ELSE c.low END
        AND k.other_id = i.sender_id
), fresh AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY chat_id ORDER BY n) AS k
    FROM judged WHERE outcome = 'fresh'
), written AS (
    INSERT INTO chats_message
        (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
    SELECT chat_id, last_seq + k, rev + k, id, 'text', sender_id, client_id, text, at FROM fresh
), heads AS (
    UPDATE chats_chat c SET last_seq = c.last_seq + f.k, rev = c.rev + f.k, active_at = f.at
    FROM (SELECT chat_id, max(k) AS k, max(at) AS at FROM fresh GROUP BY chat_id) f
    WHERE c.id = f.chat_id
), read AS (
    UPDATE chats_member m
    SET read_seq = f.seq, delivered_seq = f.seq, marked_unread = false
    FROM (SELECT chat_id, sender_id, max(last_seq + k) AS seq FROM fresh
          GROUP BY chat_id, sender_id ORDER BY chat_id, sender_id) f
    WHERE m.chat_id = f.chat_id AND m.user_id = f.sender_id
)
SELECT j.outcome, coalesce(j.last_seq + f.k, j.d_seq), coalesce(j.rev + f.k, j.d_rev),
       coalesce(j.d_id, j.id), coalesce(j.d_at, j.at)
FROM judged j LEFT JOIN fresh f USING (n) ORDER BY j.n
"""
REFUSALS: dict[str, type[Refused]] = {"not_found": NotFound, "not_contacts": NotContacts}


class Send(Struct, frozen=True):
    """One message to send. Make it with `checked`."""

    sender: UUID
    chat: UUID
    client_id: UUID
    text: str


class Sent(Struct, frozen=True):
    """Where a committed message stands; `repeated` when it was already there."""

    chat: UUID
    seq: int
    rev: int
    id: UUID
    at: datetime
    repeated: bool


def checked(*, sender: UUID, chat: UUID, client_id: UUID, text: str) -> Send:
    """A send whose text can be stored. Raises Empty, TooLong or Invalid."""
    if len(text) >= TEXT_LENGTH:
        raise TooLong
    if not text.strip():
        raise Empty
    if "\x00" in text:
        raise Invalid("A text cannot hold the character NUL.")
    return Send(sender, chat, client_id, text)


def send_batch(sends: Sequence[Send]) -> list[Sent | Refused]:
    """Commit `sends` together; the answers stand in their order.

    Raises only what concerns all of them (the database is away); a refusal is an answer.
    """
    # Of repeats the first counts, in its place: a sender's texts keep their order.
    firsts: dict[tuple[UUID, UUID, UUID], Send] = {}
    for send in sends:
        firsts.setdefault((send.chat, send.sender, send.client_id), send)
    unique = list(firsts.values())
    with transaction.atomic():
        rows = _write(unique)
        answers = [_answer(send, row) for send, row in zip(unique, rows, strict=True)]
        publish(
            _added(send, answer)
            for send, answer in zip(unique, answers, strict=True)
            if isinstance(answer, Sent) and not answer.repeated
        )
    if len(unique) == len(sends):
        return answers
    known = {
        (send.chat, send.sender, send.client_id): answer
        for send, answer in zip(unique, answers, strict=True)
    }
    return [known[send.chat, send.sender, send.client_id] for send in sends]


Row = tuple[str, int, int, UUID, datetime]


def _write(sends: list[Send]) -> list[Row]:
    connection.ensure_connection()
    # A plain psycopg cursor: values travel apart from the statement, which is prepared once, and
    # lock and write leave in one round trip.
    raw: psycopg.Connection[Row] = connection.connection
    with (
        connection.wrap_database_errors,
        raw.pipeline(),
        psycopg.Cursor(raw) as lock,
        psycopg.Cursor(raw) as write,
    ):
        lock.execute(LOCK, [list({send.chat for send in sends})], prepare=True)
        write.execute(
            WRITE,
            [
                [send.chat for send in sends],
                [send.sender for send in sends],
                [send.client_id for send in sends],
                [new_id() for _ in sends],
                [send.text for send in sends],
            ],
            prepare=True,
        )
        return write.fetchall()


def _answer(send: Send, row: Row) -> Sent | Refused:
    outcome, seq, rev, id_, at = row
    if outcome in REFUSALS:
        return REFUSALS[outcome]()
    return Sent(send.chat, seq, rev, id_, at, outcome == "repeated")


def _added(send: Send, sent: Sent) -> Publication:
    entry = bodies.Message(
        seq=sent.seq,
        rev=sent.rev,
        id=sent.id,
        kind="text",
        sender=send.sender,
        client_id=send.client_id,
        text=send.text,
        at=sent.at,
    )
    event = events.MessageChanged(chat=send.chat, rev=sent.rev, message=entry)
    return Publication("chat", send.chat, event, sent.rev, sent.rev - 1)
