"""The statement that writes a batch of messages: it judges, numbers and inserts them, and returns a
row for each. `messages` runs it under the locks of the chats.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import RowMaker

from apps.chats.actions.drafts import SAME_TEXT
from apps.chats.queries.message_rows import QUOTED
from apps.chats.roles import RIGHTS, Right
from apps.core.named_rows import select_list
from apps.wire import bodies


class Result(NamedTuple):
    """What `WRITE` returns for one send; only `outcome` is set for a refused one.

    `seq` to `at` are those of the first message for a repeated send. `quoted_*` belong to the
    message replied to. `drafted`: the sender's draft equals the message. `reachable` are the other
    members with a push subscription, `attentive` those with keywords, `awaited` whether the sender
    has open pushes; all three only for an accepted send.
    """

    outcome: Literal[
        "accepted", "repeated", "not_found", "not_contacts", "closed", "no_file", "slowed"
    ]
    seq: int
    rev: int
    id: UUID
    at: datetime
    thread: int | None
    mentions_all: bool
    quoted_sender: UUID | None
    quoted_text: str
    quoted_file: bodies.FileKind | None
    quoted_deleted: bool
    quoted_hidden: bool
    drafted: bool
    reachable: Sequence[UUID] | None
    attentive: Sequence[UUID] | None
    awaited: bool


RESULT = select_list(
    Result,
    outcome="j.outcome",
    seq="coalesce(j.last_seq + f.k, j.d_seq)",
    rev="coalesce(j.rev + f.k, j.d_rev)",
    id="coalesce(j.d_id, j.id)",
    at="coalesce(j.d_at, j.at)",
    thread="j.thread",
    mentions_all="j.mentions_all",
    quoted_sender="j.q_sender",
    quoted_text="j.q_text",
    quoted_file="j.q_file",
    quoted_deleted="j.q_deleted",
    quoted_hidden="j.q_hidden",
    drafted="j.drafted",
    reachable="""CASE WHEN f.n IS NOT NULL THEN ARRAY(
        SELECT DISTINCT s.user_id FROM notifications_subscription s
        JOIN chats_member x ON x.chat_id = j.chat_id AND x.user_id = s.user_id
        WHERE x.left_rev IS NULL AND x.user_id <> j.sender_id) END""",
    attentive="""CASE WHEN f.n IS NOT NULL AND j.text <> '' THEN ARRAY(
        SELECT s.user_id FROM notifications_preferences s
        JOIN chats_member x ON x.chat_id = j.chat_id AND x.user_id = s.user_id
        WHERE x.left_rev IS NULL AND x.user_id <> j.sender_id AND s.keywords <> '{}') END""",
    awaited="""f.n IS NOT NULL AND EXISTS (
        SELECT 1 FROM notifications_push p
        WHERE p.user_id = j.sender_id AND p.chat_id = j.chat_id AND p.open)""",
)

# One statement after the lock, so that it sees everything committed before the lock was acquired.
# It judges each send, numbers and writes the accepted ones, and returns one row per send.
# `at` never goes back within a chat, even if clocks do. Sending marks the chat as read. The first
# messages of threads count their replies, under revisions after those of the accepted sends.
WRITE = f"""
WITH item AS MATERIALIZED (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[],
        %s::text[], %s::boolean[], %s::text[])
    WITH ORDINALITY
    AS i (chat_id, sender_id, client_id, id, text, reply_to, mentions, all_, files, n)
), judged AS MATERIALIZED (
    SELECT i.n, i.chat_id, i.sender_id, i.client_id, i.id, i.text, i.reply_to, c.last_seq, c.rev,
           i.mentions::uuid[] AS mentions, nullif(i.files, '')::jsonb AS files,
           i.all_ AND c.kind = 'group' AND m.role = ANY (%s) AS mentions_all,
           greatest(c.active_at, clock.now) AS at,
           d.seq AS d_seq, d.rev AS d_rev, d.id AS d_id, d.created_at AS d_at,
           CASE WHEN q.thread >= c.kept_from THEN q.thread ELSE q.seq END AS thread,
           q.sender_id AS q_sender,
           left(q.text, {QUOTED + 1}) AS q_text, q.files -> 0 ->> 'kind' AS q_file,
           q.deleted_at IS NOT NULL AS q_deleted, q.hidden_at IS NOT NULL AS q_hidden,
           w.user_id IS NOT NULL AS drafted,
           CASE WHEN m.user_id IS NULL THEN 'not_found'
                WHEN d.seq IS NOT NULL THEN 'repeated'
                WHEN c.kind = 'direct' AND k.state IS DISTINCT FROM 'contact' THEN 'not_contacts'
                WHEN c.closed_reason <> '' THEN 'closed'
                WHEN q.seq IS NULL AND (i.reply_to >= c.kept_from OR i.reply_to < 1)
                    THEN 'not_found'
                WHEN i.files = '' THEN 'no_file'
                WHEN a.slowed_until > clock.now AND NOT %s::boolean THEN 'slowed'
                ELSE 'accepted' END AS outcome
    FROM item i
    CROSS JOIN (SELECT clock_timestamp() AS now) clock
    LEFT JOIN chats_chat c ON c.id = i.chat_id
    LEFT JOIN (chats_member m JOIN accounts_user a ON a.id = m.user_id AND a.is_active)
        ON m.chat_id = i.chat_id AND m.user_id = i.sender_id AND m.left_rev IS NULL
    LEFT JOIN chats_message d
        ON d.chat_id = i.chat_id AND d.sender_id = i.sender_id AND d.client_id = i.client_id
    LEFT JOIN chats_message q ON q.chat_id = i.chat_id AND q.seq = i.reply_to
    LEFT JOIN chats_draft w
        ON w.user_id = i.sender_id AND w.chat_id = i.chat_id AND {SAME_TEXT.format("w", "i")}
    LEFT JOIN contacts_contact k
        ON k.owner_id = CASE WHEN c.low = i.sender_id THEN c.high ELSE c.low END
        AND k.other_id = i.sender_id
), accepted AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY chat_id ORDER BY n) AS k
    FROM judged WHERE outcome = 'accepted'
), written AS (
    INSERT INTO chats_message
        (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at, reply_to, thread,
         mentions, mentions_all, files)
    SELECT chat_id, last_seq + k, rev + k, id, 'text', sender_id, client_id, text, at, reply_to,
        thread, mentions, mentions_all, files FROM accepted
), answered AS (
    SELECT *, row_number() OVER (PARTITION BY chat_id ORDER BY thread) AS r
    FROM (SELECT chat_id, thread, count(*) AS replies, max(at) AS at FROM accepted
          WHERE thread IS NOT NULL GROUP BY chat_id, thread) t
), sums AS (
    SELECT f.*, f.k + coalesce((SELECT max(r) FROM answered a WHERE a.chat_id = f.chat_id), 0)
        AS revs
    FROM (SELECT chat_id, max(last_seq) AS last_seq, max(rev) AS rev, max(k) AS k, max(at) AS at
          FROM accepted GROUP BY chat_id) f
), counted AS (
    UPDATE chats_message m SET rev = s.rev + s.k + t.r, replies = m.replies + t.replies,
        last_reply_at = t.at
    FROM answered t JOIN sums s USING (chat_id)
    WHERE m.chat_id = t.chat_id AND m.seq = t.thread
), heads AS (
    UPDATE chats_chat c SET last_seq = c.last_seq + s.k, rev = c.rev + s.revs, active_at = s.at
    FROM sums s WHERE c.id = s.chat_id
), read AS (
    UPDATE chats_member m
    SET read_seq = f.seq, delivered_seq = f.seq, marked_unread = false
    FROM (SELECT chat_id, sender_id, max(last_seq + k) AS seq FROM accepted
          GROUP BY chat_id, sender_id ORDER BY chat_id, sender_id) f
    WHERE m.chat_id = f.chat_id AND m.user_id = f.sender_id
)
SELECT {RESULT}
FROM judged j LEFT JOIN accepted f USING (n) ORDER BY j.n
"""  # noqa: S608  constants only
# Planning dominates a small batch and hardly matters for a large one. A prepared statement is
# planned for ten rows: that plan joins a large batch with itself row by row. On group commit's
# connection all plans are so (`PLAN_OPTIONS`), and others were no faster for 2,000 sends.
MAX_PREPARED_BATCH = 64
MAY_MENTION_ALL = [role.value for role, rights in RIGHTS.items() if Right.MENTION_ALL in rights]


def result_row(_: psycopg.Cursor[Any]) -> RowMaker[Result]:
    """Makes a `Result` of each row."""
    return Result._make
