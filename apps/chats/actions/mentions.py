"""Mentions: the members named by @username in a text."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db import connection
from msgspec import Struct

from apps.chats.markup import Mention, parts

ALL = "all"
MAX_MENTIONS = 100
FIND = """
SELECT x.chat_id, p.username, p.id
FROM unnest(%s::uuid[], %s::text[]) AS k (chat_id, name)
JOIN accounts_user p ON p.username = k.name
JOIN chats_member x ON x.chat_id = k.chat_id AND x.user_id = p.id AND x.left_rev IS NULL
"""


class Mentions(Struct, frozen=True):
    """The members named in a text, and whether it says @all (which counts only with the right)."""

    people: list[UUID]
    mentions_all: bool

    @property
    def as_array(self) -> str | None:
        """A PostgreSQL array literal: an array of arrays must not be ragged."""
        return f"{{{','.join(map(str, self.people))}}}" if self.people else None


NO_MENTIONS = Mentions([], False)


def resolve(texts: Sequence[tuple[UUID, str]]) -> list[Mentions]:
    """The mentions in each (chat, text): members only. One query for all; none without an @."""
    named = [_mentions(text) if "@" in text else [] for _, text in texts]
    wanted = {
        (chat, name)
        for (chat, _), mentions in zip(texts, named, strict=True)
        for mention in mentions
        for name in mention.names
    }
    if not wanted:
        return [NO_MENTIONS] * len(texts)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [[chat for chat, _ in wanted], [name for _, name in wanted]])
        members = {(chat, name): person for chat, name, person in cursor.fetchall()}
    return [
        _resolved(chat, mentions, members) for (chat, _), mentions in zip(texts, named, strict=True)
    ]


def _mentions(text: str) -> list[Mention]:
    """The first different mentions of a text."""
    mentions: dict[Mention, None] = {}
    for part in parts(text):
        if isinstance(part, Mention):
            mentions[part] = None
        if len(mentions) == MAX_MENTIONS:
            break
    return [*mentions]


def _resolved(
    chat: UUID, mentions: Iterable[Mention], members: Mapping[tuple[UUID, str], UUID]
) -> Mentions:
    """Whom the mentions of a text name: each the member with the longest name."""
    people: dict[UUID, None] = {}
    mentions_all = False
    for mention in mentions:
        name = next((one for one in mention.names if one == ALL or (chat, one) in members), None)
        if name == ALL:
            mentions_all = True
        elif name is not None:
            people[members[chat, name]] = None
    return Mentions([*people], mentions_all)
