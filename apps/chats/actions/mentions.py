"""Mentions: the members named by @username in a text."""

import re
from collections.abc import Sequence
from uuid import UUID

from django.db import connection
from msgspec import Struct

# At the start, or after a character that is not part of a word, e-mail address or path.
NAME = re.compile(r"(?<![\w@./])@([a-z0-9](?:[a-z0-9._-]{0,30}[a-z0-9])?)", re.IGNORECASE)
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
    named = [_names(text) if "@" in text else [] for _, text in texts]
    wanted = {(chat, name) for (chat, _), names in zip(texts, named, strict=True) for name in names}
    if not wanted:
        return [NO_MENTIONS] * len(texts)
    with connection.cursor() as cursor:
        cursor.execute(FIND, [[chat for chat, _ in wanted], [name for _, name in wanted]])
        found = {(chat, name): person for chat, name, person in cursor.fetchall()}
    return [
        Mentions([found[chat, name] for name in names if (chat, name) in found], ALL in names)
        for (chat, _), names in zip(texts, named, strict=True)
    ]


def _names(text: str) -> list[str]:
    names = (match[1].lower() for match in NAME.finditer(text))
    return list(dict.fromkeys(names))[:MAX_MENTIONS]
