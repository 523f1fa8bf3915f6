"""The links in a chat's messages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.chats.links import host_of
from apps.wire import bodies

# One range of the primary key, from its end, and one message for each link: LIMIT keeps PostgreSQL
# from merging the range with all messages of the chat. The text is looked at, too: a link that was
# deleted or edited away is gone even if the index has yet to catch up. `www.example.org` is listed
# as `https://www.example.org`.
NEWEST = """
SELECT l.seq, l.place, l.url, coalesce(m.preview ->> 'title', ''),
    coalesce(m.preview ->> 'description', ''), m.sender_id, m.created_at
FROM chats_messagelink l CROSS JOIN LATERAL (
    SELECT t.sender_id, t.created_at, jsonb_path_query_first(
        t.previews, '$[*] ? (@.url == $url)', jsonb_build_object('url', l.url)) AS preview
    FROM chats_message t
    WHERE t.chat_id = l.chat_id AND t.seq = l.seq AND (strpos(t.text, l.url) > 0
        OR starts_with(lower(l.url), 'https://www.') AND strpos(t.text, substr(l.url, 9)) > 0)
    LIMIT 1) m
WHERE l.chat_id = %(chat)s AND (l.seq, l.place) < (%(seq)s, %(place)s)
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
