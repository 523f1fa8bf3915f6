"""The links in a chat's messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.chats.links import host_of
from apps.wire import bodies

# One range of the primary key, from its end. The text is looked at, too: a link that was deleted
# or edited away is gone even if the index has yet to catch up.
NEWEST = """
SELECT l.seq, l.place, l.url, coalesce(p.preview ->> 'title', ''),
    coalesce(p.preview ->> 'description', ''), m.sender_id, m.created_at
FROM chats_messagelink l JOIN chats_message m ON m.chat_id = l.chat_id AND m.seq = l.seq
CROSS JOIN LATERAL (SELECT jsonb_path_query_first(
    m.previews, '$[*] ? (@.url == $url)', jsonb_build_object('url', l.url)) AS preview) p
WHERE l.chat_id = %(chat)s AND (l.seq, l.place) < (%(seq)s, %(place)s)
    AND strpos(m.text, l.url) > 0
ORDER BY l.seq DESC, l.place DESC LIMIT %(limit)s
"""


class LinkPlace(NamedTuple):
    """Where a link is in its chat: the message, and the position among its links."""

    seq: int
    place: int


END = LinkPlace(2**62, 0)


def newest(
    chat_id: UUID, *, before: LinkPlace | None, limit: int
) -> list[tuple[LinkPlace, bodies.MessageLink]]:
    """The links of a chat, newest first, from before a place on. The caller checks membership."""
    values: Mapping[str, Any] = {"chat": chat_id, "limit": limit, **(before or END)._asdict()}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, values)
        return [(LinkPlace(row[0], row[1]), _link(*row)) for row in cursor.fetchall()]


def _link(
    seq: int, _place: int, url: str, title: str, description: str, sender: UUID, at: datetime
) -> bodies.MessageLink:
    return bodies.MessageLink(
        url=url,
        host=host_of(url),
        title=title,
        description=description,
        seq=seq,
        sender=sender,
        at=at,
    )
