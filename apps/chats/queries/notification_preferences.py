"""The notification preferences that apply to members of chats."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.notifications.rules import ChatPreferences, DoNotDisturb, Level

COLUMNS = """m.chat_id, m.user_id, m.muted, m.muted_until, m.notify, u.time_zone, u.dnd_start,
    u.dnd_end, u.dnd_until, coalesce(n.level, 'all'), coalesce(n.keywords, '{}'),
    coalesce(n.break_through, false), n.delay"""
TABLES = """chats_member m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
LEFT JOIN notifications_preferences n ON n.user_id = m.user_id"""
OF_MEMBERS = f"""
SELECT {COLUMNS} FROM unnest(%s::uuid[], %s::uuid[]) AS asked (chat_id, user_id)
JOIN ({TABLES}) ON m.chat_id = asked.chat_id AND m.user_id = asked.user_id
"""  # noqa: S608  constants only
OF_PERSON = f"SELECT {COLUMNS} FROM {TABLES} WHERE m.user_id = %s AND m.left_rev IS NULL"  # noqa: S608


class MemberPreferences(NamedTuple):
    """What one member wants of one chat; `delay` in seconds, None for the server's default."""

    preferences: ChatPreferences
    delay: int | None


def of_members(
    members: Collection[tuple[UUID, UUID]],
) -> dict[tuple[UUID, UUID], MemberPreferences]:
    """The preferences by (chat, person), for members with an open account; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            OF_MEMBERS, [[chat for chat, _ in members], [person for _, person in members]]
        )
        return {(row[0], row[1]): _preferences(row) for row in cursor.fetchall()}


def of_person(user_id: UUID) -> dict[UUID, MemberPreferences]:
    """The preferences by chat, for every chat of the person."""
    with connection.cursor() as cursor:
        cursor.execute(OF_PERSON, [user_id])
        return {row[0]: _preferences(row) for row in cursor.fetchall()}


def _preferences(row: tuple[Any, ...]) -> MemberPreferences:
    _, _, muted, muted_until, notify, zone, start, end, until, level, words, breaking, delay = row
    preferences = ChatPreferences(
        level=Level(level),
        chat_level=notify,
        muted=muted,
        muted_until=muted_until,
        keywords=tuple(words),
        break_through=breaking,
        do_not_disturb=DoNotDisturb(zone, start, end, until),
    )
    return MemberPreferences(preferences, delay)
