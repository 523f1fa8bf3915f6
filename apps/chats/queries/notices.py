"""The text of a notification about a chat's unread messages, at the moment of sending."""

from uuid import UUID

from django.db import connection

from apps.chats.file_labels import GIF, file_line
from apps.chats.plain_text import plain_text
from apps.chats.queries.unread import COUNTS
from apps.core.graphemes import cut
from apps.notifications.notices import Notice

MAX_BODY_LENGTH = 240
# Marks of markup are left out.
MAX_READ = 4 * MAX_BODY_LENGTH
# Stop counting here, so that no notification is late because its reader was away for months.
MAX_COUNTED = 1000
# The notification shows the newest unread message of the run. There is no row if the person has
# left the chat, or if all messages of the run are read or deleted. People whose pictures do
# not load by themselves get none here.
UNREAD = f"""
SELECT c.kind, c.title, coalesce(nullif(u.name, ''), u.username),
    left(newest.text, %(max_read)s + 1),
    ARRAY(SELECT CASE WHEN (f ->> 'animated')::boolean THEN %(gif)s ELSE f ->> 'kind' END
        FROM jsonb_array_elements(newest.files) f),
    coalesce(newest.files -> 0 ->> 'name', ''),
    CASE WHEN newest.files -> 0 ->> 'kind' = 'image' AND reader.auto_load <> 'never'
        THEN (newest.files -> 0 ->> 'id')::uuid END,
    reader.locale, oldest.seq, (
        SELECT count(*) FROM (
            SELECT 1 FROM chats_message x
            WHERE x.chat_id = c.id AND x.seq > my.read_seq AND {COUNTS.format("x")}
                AND x.sender_id <> my.user_id
            LIMIT %(max_counted)s) counted)
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
CROSS JOIN LATERAL (
    SELECT x.text, x.files, x.sender_id FROM chats_message x
    WHERE x.chat_id = c.id AND x.seq BETWEEN greatest(%(first)s, my.read_seq + 1) AND %(last)s
        AND x.kind = 'text' AND x.deleted_at IS NULL AND x.sender_id <> my.user_id
    ORDER BY x.seq DESC LIMIT 1) newest
CROSS JOIN LATERAL (
    SELECT x.seq FROM chats_message x
    WHERE x.chat_id = c.id AND x.seq BETWEEN greatest(%(first)s, my.read_seq + 1) AND %(last)s
        AND x.kind = 'text' AND x.deleted_at IS NULL AND x.sender_id <> my.user_id
    ORDER BY x.seq LIMIT 1) oldest
JOIN accounts_user u ON u.id = newest.sender_id
JOIN accounts_user reader ON reader.id = my.user_id
WHERE my.user_id = %(user)s AND my.chat_id = %(chat)s AND my.left_rev IS NULL
"""  # noqa: S608  constants only


def describe(user_id: UUID, chat_id: UUID, *, first: int, last: int) -> Notice | None:
    """The notice for a member about a run of messages; None if nothing is left to notify."""
    with connection.cursor() as cursor:
        cursor.execute(
            UNREAD,
            {
                "user": user_id,
                "chat": chat_id,
                "first": first,
                "last": last,
                "gif": GIF,
                "max_read": MAX_READ,
                "max_counted": MAX_COUNTED,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    kind, title, sender, text, files, name, picture, locale, seq, count = row
    body = file_line(plain_text(text).text, files, name, language=locale)
    if len(body) > MAX_BODY_LENGTH or len(text) > MAX_READ:
        body = cut(body, MAX_BODY_LENGTH - 1).rstrip() + "…"
    if kind != "direct":
        body = f"{sender}: {body}"
    else:
        title = sender
    return Notice(chat=chat_id, seq=seq, count=count, title=title, body=body, picture=picture)
