"""Which files a chat has, and who may see a file."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from apps.chats.queries import message_rows
from apps.wire import bodies

MAY_SEE = """
SELECT EXISTS (
    SELECT FROM chats_attachment a JOIN chats_member x ON x.chat_id = a.chat_id
    WHERE a.file_id = %s AND x.user_id = %s AND x.left_rev IS NULL)
"""
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
        cursor.execute(MAY_SEE, [file_id, user_id])
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
