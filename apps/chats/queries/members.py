"""Members of a chat."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from msgspec.structs import replace

from apps.accounts.queries.rows import PERSON_IF, PersonRow, person
from apps.chats.queries.access import IN_TOUCH
from apps.core.named_rows import select_list
from apps.core.reads import KeyedRead
from apps.wire import bodies


class MemberRow(NamedTuple):
    """The first columns of `SELECT`; the others are a `PersonRow`."""

    chat_id: UUID
    rev: int
    left_rev: int | None
    role: bodies.MemberRole
    joined_at: datetime | None


MEMBER = select_list(MemberRow, **{name: f"x.{name}" for name in MemberRow._fields})
SELECT = f"""
SELECT {MEMBER}, {PERSON_IF.format("p", IN_TOUCH.format("c", "x"))}
FROM chats_member x JOIN accounts_user p ON p.id = x.user_id JOIN chats_chat c ON c.id = x.chat_id
"""  # noqa: S608  constants only
# One range of the index membership_changes per chat: a chat with many changes does not use up the
# limit of the others.
CHANGED = f"""
SELECT k.place, e.*
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k (id, since, place)
CROSS JOIN LATERAL (
    {SELECT} WHERE x.chat_id = k.id AND x.rev > k.since ORDER BY x.rev LIMIT %s
) e
"""  # noqa: S608  constants only
# Keeps the list of an old group to one page.
MAX_FORMER = 500


def of_chat(chat_id: UUID) -> list[bodies.Member]:
    """All current members, in the order of joining."""
    where = "WHERE x.chat_id = %s AND x.left_rev IS NULL ORDER BY x.joined_at, x.user_id"
    return [body for _, _, body in _select(where, [chat_id])]


def former_of(chat_id: UUID) -> list[bodies.Member]:
    """Up to `MAX_FORMER` former members, last to leave first. Their messages still need a name.

    Leaves out what they publish about themselves now (about, status, picture).
    """
    where = "WHERE x.chat_id = %s AND x.left_rev IS NOT NULL ORDER BY x.left_rev DESC LIMIT %s"
    found = [body for _, _, body in _select(where, [chat_id, MAX_FORMER])]
    return [
        replace(body, person=replace(body.person, about="", status=None, picture=None))
        for body in found
    ]


def by_ids(chat_id: UUID, people: Iterable[UUID]) -> dict[UUID, bodies.Member]:
    """The given people's memberships in a chat, including former ones."""
    where = "WHERE x.chat_id = %s AND x.user_id = ANY(%s)"
    return {body.person.id: body for _, _, body in _select(where, [chat_id, list(people)])}


def changes_reading(
    chats: list[UUID], revs: str, *, limit: int
) -> KeyedRead[int, tuple[int, bodies.Member]]:
    """The read of the members that changed after a revision of a chat, as (rev, member), at most
    `limit` for each of these places in the two lists, counted from 1. `revs`: `bigints`."""

    def build(values: Sequence[Any]) -> tuple[int, bodies.Member]:
        _, rev, member = _member(values)
        return rev, member

    return KeyedRead(CHANGED, [chats, revs, limit], build)


def _select(tail: str, values: list[Any]) -> list[tuple[UUID, int, bodies.Member]]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT + tail, values)
        return [_member(values) for values in cursor.fetchall()]


def _member(values: Sequence[Any]) -> tuple[UUID, int, bodies.Member]:
    """Chat, revision and member of one row of `SELECT`."""
    width = len(MemberRow._fields)
    row, person_row = MemberRow._make(values[:width]), PersonRow._make(values[width:])
    member = bodies.Member(
        person=person(person_row),
        role=row.role,
        joined_at=row.joined_at,
        left=row.left_rev is not None,
    )
    return row.chat_id, row.rev, member
