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
