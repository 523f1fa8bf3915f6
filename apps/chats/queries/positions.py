"""Read and delivered positions of a chat's members."""

from uuid import UUID

from django.db import connection

from apps.chats.queries.access import IN_TOUCH
from apps.wire import bodies

SELECT = f"""
SELECT m.user_id, m.read_seq, m.delivered_seq, u.share_seen
FROM chats_member m JOIN accounts_user u ON u.id = m.user_id JOIN chats_chat c ON c.id = m.chat_id
WHERE m.chat_id = %s AND m.left_rev IS NULL
    AND (m.user_id = %s OR {IN_TOUCH.format("c", "m")})
ORDER BY m.user_id
"""  # noqa: S608  constants only


def of_chat(chat_id: UUID, *, reader: UUID) -> list[bodies.Position]:
    """Read and delivered positions of all current members, as `reader` may see them.

    `read` is 0 for members who do not share it and, for a reader who does not share theirs, for
    everyone else. In a direct chat whose two people are not contacts, readers see only their own.
    """
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [chat_id, reader])
        rows = cursor.fetchall()
    sharing = any(user == reader and shared for user, _, _, shared in rows)
    return [
        bodies.Position(
            person=user,
            read=read if user == reader or (sharing and shared) else 0,
            delivered=delivered,
        )
        for user, read, delivered, shared in rows
    ]
