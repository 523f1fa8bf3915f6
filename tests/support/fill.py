"""Many messages at once, for tests of what much history costs."""

from uuid import UUID

from django.db import connection

FILL = """
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT %(chat)s, n, n, gen_random_uuid(), 'text', %(sender)s, gen_random_uuid(),
       'text ' || n, %(first)s::timestamptz + n * interval '1 minute'
FROM generate_series(%(start)s::bigint, %(end)s::bigint) AS n
"""
HEAD = """
UPDATE chats_chat SET last_seq = %(end)s, rev = %(end)s,
    active_at = %(first)s::timestamptz + %(end)s * interval '1 minute' WHERE id = %(chat)s
"""


def fill(chat: UUID, sender: UUID, *, end: int, start: int = 1, first: str = "2020-01-01") -> None:
    """Entries `start` to `end`, a minute apart from `first` on, as if they had been sent one by
    one while nobody was told."""
    values = {"chat": chat, "sender": sender, "start": start, "end": end, "first": first}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute(HEAD, values)


CHATS = """
WITH made AS (
    INSERT INTO chats_chat (id, kind, title, last_seq, rev, head_rev, active_at, created_at)
    SELECT gen_random_uuid(), 'group', 'Group ' || n, 0, 0, 0,
        timestamptz '2020-01-01' + n * interval '1 minute', timestamptz '2020-01-01'
    FROM generate_series(1, %(amount)s) AS n RETURNING id
)
INSERT INTO chats_member (chat_id, user_id, role, read_seq, delivered_seq, rev, person_rev, pinned,
    archived, muted, notify, marked_unread)
SELECT id, %(owner)s, 'owner', 0, 0, 0, 0, false, false, false, '', false FROM made
RETURNING chat_id
"""
LONG_TEXTS = """
WITH filled AS (
    INSERT INTO chats_message
        (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
    SELECT chat, n, n, gen_random_uuid(), 'text', %(sender)s, gen_random_uuid(),
        repeat('x', %(length)s), timestamptz '2021-01-01' + n * interval '1 minute'
    FROM unnest(%(chats)s::uuid[]) AS chat, generate_series(1, %(amount)s) AS n
)
UPDATE chats_chat SET last_seq = %(amount)s, rev = %(amount)s WHERE id = ANY(%(chats)s::uuid[])
"""


def many_groups(owner: UUID, amount: int) -> list[UUID]:
    """Groups of one person, as if they had been made while nobody was told."""
    with connection.cursor() as cursor:
        cursor.execute(CHATS, {"owner": owner, "amount": amount})
        return [row[0] for row in cursor.fetchall()]


def fill_all(chats: list[UUID], sender: UUID, *, amount: int, length: int) -> None:
    """`amount` entries of `length` characters in each chat, of which nobody was told."""
    values = {"chats": chats, "sender": sender, "amount": amount, "length": length}
    with connection.cursor() as cursor:
        cursor.execute(LONG_TEXTS, values)
