"""A person's chats as they see them. Each function runs one query for any number of chats."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple
from uuid import UUID

from apps.accounts.queries.rows import PERSON, PERSON_IF, PersonRow, person
from apps.chats.queries import message_rows
from apps.chats.queries.access import IN_TOUCH
from apps.chats.queries.unread import IS_MENTIONED, IS_UNREAD, MENTIONED, UNCOUNTED
from apps.core.named_rows import select_list
from apps.core.reads import KeyedRead, Read, Rows, bigints, complete_rows, read, rows_of
from apps.wire import bodies


class ChatRow(NamedTuple):
    """The first columns of `CHATS`; then come the other person, the sender and the last entry."""

    id: UUID
    kind: bodies.ChatKind
    title: str
    picture: UUID | None
    rev: int
    last_seq: int
    active_at: datetime
    read_seq: int
    marked_unread: bool
    unread_from: int | None
    pinned: bool
    archived: bool
    muted: bool
    person_rev: int
    role: bodies.MemberRole
    muted_until: datetime | None
    notify: bodies.NotifyLevel | Literal[""]
    closed_reason: str
    kept_from: int
    kept_days: int
    members: int
    uncounted: list[int]
    mentioned: list[int]


CHAT = select_list(
    ChatRow,
    **{
        name: f"c.{name}"
        for name in ("id", "kind", "title", "picture", "rev", "last_seq", "active_at")
    },
    **{
        name: f"my.{name}"
        for name in (
            "read_seq",
            "marked_unread",
            "unread_from",
            "pinned",
            "archived",
            "muted",
            "person_rev",
        )
    },
    **{name: f"my.{name}" for name in ("role", "muted_until", "notify")},
    closed_reason="c.closed_reason",
    kept_from="c.kept_from",
    kept_days="c.kept_days",
    members="""CASE c.kind WHEN 'direct' THEN 2 ELSE (
        SELECT count(*) FROM chats_member x WHERE x.chat_id = c.id AND x.left_rev IS NULL) END""",
    uncounted=UNCOUNTED,
    mentioned=MENTIONED,
)
# Joins the last entry and the people by primary key. The last entry is a summary, see
# `Message.truncated`. People who are not contacts do not see each other's status.
CHATS = f"""
SELECT {CHAT}, {PERSON_IF.format("p", IN_TOUCH.format("c", "my"))}, {PERSON.format("s")}, e.*
FROM chats_member my
JOIN chats_chat c ON c.id = my.chat_id
LEFT JOIN LATERAL ({message_rows.SUMMARY} WHERE m.chat_id = c.id AND m.seq = c.last_seq) e ON true
LEFT JOIN accounts_user p ON p.id = CASE WHEN c.low = my.user_id THEN c.high ELSE c.low END
LEFT JOIN accounts_user s ON s.id = e.sender_id AND c.kind = 'group'
WHERE my.user_id = %(user)s AND my.left_rev IS NULL
"""  # noqa: S608  constants only
SEEN = f"""
SELECT asked.viewer, asked.chat, seen.* FROM unnest(%s::uuid[], %s::uuid[])
    AS asked (viewer, chat)
CROSS JOIN LATERAL ({CHATS.replace("%(user)s", "asked.viewer")} AND c.id = asked.chat) seen
"""  # noqa: S608  constants only
CHANGED = f"""
SELECT asked.viewer, own.* FROM unnest(%s::uuid[], %s::bigint[]) AS asked (viewer, since)
CROSS JOIN LATERAL ({CHATS.replace("%(user)s", "asked.viewer")}
    AND my.person_rev > asked.since ORDER BY my.person_rev LIMIT %s) own
"""  # noqa: S608  constants only
LEFT = """
SELECT asked.person, m.person_rev, m.chat_id
FROM unnest(%s::uuid[], %s::bigint[]) AS asked (person, since)
JOIN chats_member m ON m.user_id = asked.person AND m.person_rev > asked.since
WHERE m.left_rev IS NOT NULL
"""
# People are read one after the other, until the limit is reached.
HEADS = """
SELECT asked.person, its.total, its.id, its.rev FROM unnest(%s::uuid[]) AS asked (person)
LEFT JOIN LATERAL (
    SELECT c.id, c.rev, count(*) OVER () AS total
    FROM chats_member m JOIN chats_chat c ON c.id = m.chat_id
    WHERE m.user_id = asked.person AND m.left_rev IS NULL
    ORDER BY c.active_at DESC, c.id DESC
) its ON true
LIMIT %s
"""
# The ends of the four parts of a row.
_CHAT = len(ChatRow._fields)
_OTHER = _CHAT + len(PersonRow._fields)
_SENDER = _OTHER + len(PersonRow._fields)


# Conditions by the name of the filter.
FILTERS = {
    "kind": " AND c.kind = %(kind)s",
    "archived": " AND my.archived = %(archived)s",
    "unread": f" AND {IS_UNREAD} = %(unread)s",
    "mentioned": f" AND {IS_MENTIONED} = %(mentioned)s",
}


def page(
    user_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
    filters: Mapping[str, object] = MappingProxyType({}),
) -> list[bodies.Chat]:
    """Up to `limit` chats, newest activity first, after the (active_at, id) in `before`.

    `filters`: values of FILTERS by name; None leaves a filter out.
    """
    asked = {name: value for name, value in filters.items() if value is not None}
    where = "".join(FILTERS[name] for name in asked)
    where += " AND (c.active_at, c.id) < (%(at)s, %(id)s)" if before else ""
    at, id_ = before or (None, None)
    return _chats(
        where + " ORDER BY c.active_at DESC, c.id DESC LIMIT %(limit)s",
        {"user": user_id, "at": at, "id": id_, "limit": limit, **asked},
    )


def by_ids(user_id: UUID, chat_ids: Iterable[UUID]) -> list[bodies.Chat]:
    """Those of the given chats that the person is in, in no order."""
    return _chats(" AND c.id = ANY(%(ids)s)", {"user": user_id, "ids": list(chat_ids)})


def as_seen_by(people: Iterable[UUID], chat_id: UUID) -> dict[UUID, bodies.Chat]:
    """One chat as each of these members sees it, in one query."""
    asked = {viewer: [chat_id] for viewer in people}
    seen = seen_reading(asked)
    read(seen)
    return {viewer: chat for viewer in asked for chat in seen.of((viewer, chat_id))}


def seen_reading(
    asked: Mapping[UUID, Iterable[UUID]],
) -> KeyedRead[tuple[UUID, UUID], bodies.Chat]:
    """The read of the given chats as each person sees them, by (person, chat); nothing for a chat
    that the person is not in."""
    pairs = [(viewer, chat) for viewer, chats in asked.items() for chat in chats]
    viewers, chats = [viewer for viewer, _ in pairs], [chat for _, chat in pairs]
    return KeyedRead(SEEN, [viewers, chats], lambda row: _chat(row)[1], width=2)


def changes_reading(
    since: Mapping[UUID, int], *, limit: int
) -> KeyedRead[UUID, tuple[int, bodies.Chat]]:
    """The read of each person's first chats whose settings or read position changed after a
    revision of their stream, as (person_rev, chat), in that order."""
    return KeyedRead(CHANGED, [list(since), bigints(since.values()), limit], _chat)


def left_reading(since: Mapping[UUID, int]) -> KeyedRead[UUID, tuple[int, UUID]]:
    """The read of the chats that each person left after a revision of their stream, as (person_rev,
    chat)."""
    return KeyedRead(LEFT, [list(since), bigints(since.values())], lambda row: (row[0], row[1]))


def heads_reading(
    people: Collection[UUID], *, limit: int | None = None
) -> Read[dict[UUID, dict[UUID, int]]]:
    """The read of the revs of a person's chats by their ids, newest activity first. It is for the
    first of these people, as many as have `limit` chats together; perhaps for nobody."""

    def build(rows: Rows) -> dict[UUID, dict[UUID, int]]:
        return {
            user_id: {chat: rev for chat, rev in own}
            for user_id, own in complete_rows(rows).items()
        }

    return Read(HEADS, [list(people), limit], build)


def _chats(tail: str, values: dict[str, Any]) -> list[bodies.Chat]:
    return [chat for _, chat in _select(tail, values)]


def _select(tail: str, values: dict[str, Any]) -> list[tuple[int, bodies.Chat]]:
    return [_chat(row) for row in rows_of(CHATS + tail, values)]


def _chat(values: Sequence[Any]) -> tuple[int, bodies.Chat]:
    """`person_rev` and chat of one row of `CHATS`."""
    row = ChatRow._make(values[:_CHAT])
    last = values[_SENDER:]
    chat = bodies.Chat(
        id=row.id,
        kind=row.kind,
        title=row.title,
        picture=row.picture,
        rev=row.rev,
        last_seq=row.last_seq,
        active_at=row.active_at,
        read_seq=row.read_seq,
        marked_unread=row.marked_unread,
        unread_from=row.unread_from if row.marked_unread else None,
        pinned=row.pinned,
        archived=row.archived,
        muted=row.muted,
        role=row.role,
        muted_until=row.muted_until,
        notify=row.notify,
        closed_reason=row.closed_reason,
        kept_from=row.kept_from,
        kept_days=row.kept_days,
        members=row.members,
        unread=row.last_seq - row.read_seq - len(row.uncounted),
        uncounted=row.uncounted,
        mentioned=row.mentioned,
        person=_person(values[_CHAT:_OTHER]),
        sender=_person(values[_OTHER:_SENDER]),
        last=None if last[0] is None else message_rows.message(last),
    )
    return row.person_rev, chat


def _person(values: Sequence[Any]) -> bodies.Person | None:
    row = PersonRow._make(values)
    return None if row.id is None else person(row)
