"""What a notification says of a chat's unread messages, at the moment it is sent."""

from uuid import UUID

from django.db import connection

from apps.notifications.notices import Notice

MAX_BODY_LENGTH = 240
# More unread messages than this are not counted: nobody is told later because somebody was away
# for months.
MAX_COUNTED = 1000
# The newest unread of the run speaks for all. Whoever left in the meantime gets no row, nor does
# a run of which everything is read or deleted.
UNREAD = """
SELECT c.kind, c.title, coalesce(nullif(u.name, ''), u.username),
    left(newest.text, %(longest)s + 1), oldest.seq, (
        SELECT count(*) FROM (
            SELECT 1 FROM chats_message x
            WHERE x.chat_id = c.id AND x.seq > my.read_seq AND x.kind = 'text'
                AND x.deleted_at IS NULL AND x.sender_id <> my.user_id
            LIMIT %(limit)s) counted)
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
CROSS JOIN LATERAL (
    SELECT x.text, x.sender_id FROM chats_message x
    WHERE x.chat_id = c.id AND x.seq BETWEEN greatest(%(first)s, my.read_seq + 1) AND %(last)s
        AND x.kind = 'text' AND x.deleted_at IS NULL AND x.sender_id <> my.user_id
    ORDER BY x.seq DESC LIMIT 1) newest
CROSS JOIN LATERAL (
    SELECT x.seq FROM chats_message x
    WHERE x.chat_id = c.id AND x.seq BETWEEN greatest(%(first)s, my.read_seq + 1) AND %(last)s
        AND x.kind = 'text' AND x.deleted_at IS NULL AND x.sender_id <> my.user_id
    ORDER BY x.seq LIMIT 1) oldest
JOIN accounts_user u ON u.id = newest.sender_id
WHERE my.user_id = %(user)s AND my.chat_id = %(chat)s AND my.left_rev IS NULL
"""


def describe(user_id: UUID, chat_id: UUID, first: int, last: int) -> Notice | None:
    """The notice of a run of messages for a member; None when there is nothing left to tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            UNREAD,
            {
                "user": user_id,
                "chat": chat_id,
                "first": first,
                "last": last,
                "longest": MAX_BODY_LENGTH,
                "limit": MAX_COUNTED,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    kind, title, sender, text, seq, count = row
    words = " ".join(text.split())
    words = words if len(words) <= MAX_BODY_LENGTH else words[: MAX_BODY_LENGTH - 1].rstrip() + "…"
    if kind == "direct":
        return Notice(chat=chat_id, seq=seq, count=count, title=sender, body=words)
    return Notice(chat=chat_id, seq=seq, count=count, title=title, body=f"{sender}: {words}")
