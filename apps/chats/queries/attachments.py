"""Which files a chat has, and who may see a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.chats.queries import message_rows
from apps.wire import bodies

# Goes from one chat with the file to the next, however often a chat has it: an outsider's question
# must not cost what a member's messages are.
SHOWN_TO = """EXISTS (
    WITH RECURSIVE shown AS (
        (SELECT a.chat_id FROM chats_attachment a WHERE a.file_id = {file}
        ORDER BY a.chat_id LIMIT 1)
        UNION ALL
        SELECT (SELECT a.chat_id FROM chats_attachment a
            WHERE a.file_id = {file} AND a.chat_id > shown.chat_id ORDER BY a.chat_id LIMIT 1)
        FROM shown WHERE shown.chat_id IS NOT NULL
    )
    SELECT FROM shown JOIN chats_member x ON x.chat_id = shown.chat_id
    WHERE x.user_id = {person} AND x.left_rev IS NULL)"""
MAY_SEE = f"SELECT {SHOWN_TO.format(file='%(file)s', person='%(person)s')}"
# One range of the index attachment_kinds per kind.
WITH_FILES = f"""
{message_rows.SELECT} JOIN (
    SELECT DISTINCT found.seq FROM unnest(%(kinds)s::text[]) AS k (kind)
    CROSS JOIN LATERAL (
        SELECT a.seq FROM chats_attachment a
        WHERE a.chat_id = %(chat)s AND a.kind = k.kind AND a.seq < %(before)s
        ORDER BY a.seq DESC LIMIT %(limit)s) found
    ORDER BY found.seq DESC LIMIT %(limit)s
) shown ON m.chat_id = %(chat)s AND m.seq = shown.seq
ORDER BY m.seq DESC
"""  # noqa: S608  constants only
NEWEST = 2**62


def may_see(user_id: UUID, file_id: UUID) -> bool:
    """Whether a message in one of the person's chats has the file."""
    with connection.cursor() as cursor:
        cursor.execute(MAY_SEE, {"file": file_id, "person": user_id})
        [found] = cursor.fetchone()
    return bool(found)


def with_files(
    chat_id: UUID, kinds: Sequence[bodies.FileKind], *, before: int | None, limit: int
) -> list[bodies.Message]:
    """The messages with files of these kinds, newest first, from before a seq on. The caller checks
    membership."""
    values: Mapping[str, Any] = {
        "chat": chat_id,
        "kinds": list(kinds),
        "before": before or NEWEST,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(WITH_FILES, values)
        return [message_rows.message(row) for row in cursor.fetchall()]
