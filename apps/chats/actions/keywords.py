"""Marks messages with the members whose keywords they contain, for the "@" in lists of chats.

A message is marked when it is sent or edited, with the keywords of that time, as pushes are decided
(decision 0102). Who is marked is never sent to anybody but themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection

from apps.chats.queries.notification_preferences import with_keywords
from apps.core.reads import bigints
from apps.notifications.rules import contains_keyword

MARK = """
UPDATE chats_message m SET keyword_of = found.people::uuid[]
FROM unnest(%s::uuid[], %s::bigint[], %s::text[]) AS found (chat_id, seq, people)
WHERE m.chat_id = found.chat_id AND m.seq = found.seq
"""


def found_by(
    chat_id: UUID,
    text: str,
    people: Iterable[UUID],
    keywords: Mapping[tuple[UUID, UUID], Sequence[str]],
) -> list[UUID]:
    """Those of `people` whose keywords, given by (chat, person), are in the text."""
    return [
        person for person in people if contains_keyword(text, keywords.get((chat_id, person), ()))
    ]


def mark(messages: Iterable[tuple[UUID, int, Sequence[UUID]]]) -> None:
    """Store who noticed which message, given as (chat, seq, people). The caller holds the chats'
    locks. Runs no query when nobody did."""
    found = [(chat, seq, people) for chat, seq, people in messages if people]
    if not found:
        return
    chats = [chat for chat, _, _ in found]
    arrays = [f"{{{','.join(map(str, people))}}}" for _, _, people in found]
    with connection.cursor() as cursor:
        cursor.execute(MARK, [chats, bigints(seq for _, seq, _ in found), arrays])


def members_who_want(chat_id: UUID, sender: UUID, text: str) -> list[UUID] | None:
    """The other members whose keywords are in the new text of a message; None if there are none.
    One query."""
    wanted = with_keywords(chat_id)
    people = (person for _, person in wanted if person != sender)
    return found_by(chat_id, text, people, wanted) or None
