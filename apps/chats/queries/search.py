"""Queries for searches: the asker's chats and people by name, and hits with an access check."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import Struct

from apps.accounts.queries.rows import PERSON, PersonRow, person
from apps.chats.queries import chat_list, message_rows
from apps.core.reads import bigints, rows_of
from apps.wire import bodies

# A name as a LIKE pattern. Folded before escaping, since folding can produce wildcards.
PATTERN = r"regexp_replace(parley_names(btrim({})), '([\\%%_])', '\\\1', 'g')"
# `name` is a group's title or the name of a direct chat's other person.
MINE = """
SELECT c.id, c.active_at, ' ' || CASE c.kind WHEN 'group' THEN parley_names(c.title)
    ELSE coalesce(p.search_name, '') END AS name
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
LEFT JOIN accounts_user p ON p.id = CASE WHEN c.low = my.user_id THEN c.high ELSE c.low END
WHERE my.user_id = %(asker)s AND my.left_rev IS NULL
"""
ALL = f"SELECT id FROM ({MINE}) mine"  # noqa: S608  constants only
NAMED = f"""{ALL} WHERE name LIKE ANY (
    SELECT '%% ' || {PATTERN.format("n")} || '%%' FROM unnest(%(names)s::text[]) n
    WHERE parley_names(btrim(n)) <> '')
"""  # noqa: S608  constants only
# Names that begin with the words come before names with another word that does.
BY_NAME = f"""
SELECT id, active_at, rank FROM (
    SELECT mine.id, mine.active_at,
        CASE WHEN name LIKE ' ' || words || '%%' THEN 1 ELSE 0 END AS rank
    FROM ({MINE}) mine
    CROSS JOIN (SELECT {PATTERN.format("%(words)s")} AS words) asked
    WHERE words <> '' AND name LIKE '%% ' || words || '%%'
) found
WHERE (rank, active_at, id) < (%(rank)s, %(at)s, %(id)s)
ORDER BY rank DESC, active_at DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608  constants only
# The person with that username, or else people with a name that begins with it.
PEOPLE = f"""
SELECT found.id FROM unnest(%(names)s::text[]) AS n
CROSS JOIN LATERAL (SELECT {PATTERN.format("n")} || '%%' AS start) AS asked
CROSS JOIN LATERAL (
    SELECT id FROM accounts_user WHERE username = lower(n)
    UNION ALL (
        SELECT id FROM accounts_user
        WHERE NOT EXISTS (SELECT FROM accounts_user WHERE username = lower(n)) AND start <> '%%'
            AND (search_name LIKE start OR search_name LIKE '%% ' || start)
        LIMIT 100)
) AS found
"""  # noqa: S608  constants only
# Checks access again at this moment: a backend's result grants no access.
HITS = f"""
SELECT h.chat_id, (
        SELECT json_object_agg(w.lexeme, w.positions)::text
        FROM chats_searchable z CROSS JOIN unnest(z.search) w
        WHERE z.chat_id = h.chat_id AND z.seq = h.seq AND (
            w.lexeme = ANY(%(words)s)
            OR EXISTS (SELECT FROM unnest(%(starts)s::text[], %(stems)s::text[]) f (start, stem)
                WHERE starts_with(w.lexeme, f.start)
                    AND (ts_lexize(%(dictionary)s::regdictionary, w.lexeme))[1] = f.stem))
    ), {PERSON.format("p")}, e.*
FROM unnest(%(chats)s::uuid[], %(seqs)s::bigint[]) WITH ORDINALITY AS h (chat_id, seq, n)
JOIN chats_member x ON x.chat_id = h.chat_id AND x.user_id = %(asker)s AND x.left_rev IS NULL
CROSS JOIN LATERAL (
    {message_rows.SELECT} WHERE m.chat_id = h.chat_id AND m.seq = h.seq AND m.kind = 'text'
        AND m.deleted_at IS NULL
) e
LEFT JOIN accounts_user p ON p.id = e.sender_id
ORDER BY h.n
"""  # noqa: S608  constants only
FOLD = """
SELECT t.text, ARRAY(SELECT p.token FROM ts_parse('default', parley_words(t.text)) p
    WHERE p.tokid <> 12)
FROM unnest(%(words)s::text[]) AS t (text)
"""
SENDER_COLUMNS = len(PersonRow._fields)
ChatCursor = tuple[int, datetime, UUID]


class Matches(Struct, frozen=True):
    """The lexemes by which messages match: `words` as typed, `forms` as (prefix, stem) in
    `dictionary`, and `phrases` as sequences of lexemes."""

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    forms: tuple[tuple[str, str], ...] = ()
    dictionary: str = "simple"


class Hit(Struct, frozen=True):
    """A matching message; `positions` are the word numbers, from 1, of its matching lexemes."""

    chat: UUID
    message: bodies.Message
    positions: dict[str, list[int] | None]
    sender: bodies.Person | None = None


def chats_to_search(asker: UUID, names: Sequence[str]) -> list[UUID]:
    """The asker's chats; with `names`, only those whose title or person begins with one of them."""
    found = rows_of(NAMED if names else ALL, {"asker": asker, "names": [*names]})
    return [chat for (chat,) in found]


def senders(asker: UUID, names: Sequence[str]) -> list[UUID]:
    """People that these names or usernames may mean; "me" is the asker."""
    plain = {name.removeprefix("@") for name in names}
    found = [asker] if "me" in plain else []
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"names": list(plain - {"me"})})
        return found + [person for (person,) in cursor.fetchall()]


def chats(
    asker: UUID, words: str, *, after: ChatCursor | None, limit: int
) -> tuple[list[bodies.Chat], ChatCursor | None]:
    """The asker's chats by title or person, and the cursor of the next page, if there is one."""
    rank, at, id_ = after or (2, datetime.max, UUID(int=0))
    with connection.cursor() as cursor:
        cursor.execute(
            BY_NAME,
            {
                "asker": asker,
                "words": words,
                "rank": rank,
                "at": at,
                "id": id_,
                "limit": limit + 1,
            },
        )
        found = cursor.fetchall()
    page = found[:limit]
    known = {chat.id: chat for chat in chat_list.by_ids(asker, [id_ for id_, _, _ in page])}
    following = None
    if len(found) > limit:
        id_, at, rank = page[-1]
        following = rank, at, id_
    return [known[id_] for id_, _, _ in page if id_ in known], following


def hits(asker: UUID, places: Sequence[tuple[UUID, int]], matches: Matches) -> list[Hit]:
    """The messages at `places`, in that order, that the asker may see now."""
    if not places:
        return []
    words = {*matches.words, *(word for phrase in matches.phrases for word in phrase)}
    rows = rows_of(
        HITS,
        {
            "asker": asker,
            "chats": [chat for chat, _ in places],
            "seqs": bigints(seq for _, seq in places),
            "words": list(words),
            "starts": [start for start, _ in matches.forms],
            "stems": [stem for _, stem in matches.forms],
            "dictionary": matches.dictionary,
        },
    )
    return [_hit(row) for row in rows]


def folded(words: Sequence[str]) -> dict[str, list[str]]:
    """The lexemes of each text, in order, as the index has them."""
    return {text: lexemes for text, lexemes in rows_of(FOLD, {"words": [*words]})}


def _hit(row: Sequence[Any]) -> Hit:
    chat, positions, *others = row
    sender = PersonRow._make(others[:SENDER_COLUMNS])
    return Hit(
        chat=chat,
        message=message_rows.message(others[SENDER_COLUMNS:]),
        positions=msgspec.json.decode(positions) if positions else {},
        sender=person(sender) if sender.id else None,
    )
