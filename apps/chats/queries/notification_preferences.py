"""The notification preferences that apply to members of chats."""

from collections.abc import Collection
from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from apps.accounts.queries.rows import QUIET_UNTIL
from apps.core.named_rows import select_list
from apps.notifications.rules import ChatPreferences, DoNotDisturb, Level


class PreferencesRow(NamedTuple):
    """The settings of a chat, a person's do not disturb, and their general preferences."""

    chat_id: UUID
    user_id: UUID
    muted: bool
    muted_until: datetime | None
    notify: str
    time_zone: str
    dnd_start: time | None
    dnd_end: time | None
    dnd_until: datetime | None
    level: str
    keywords: list[str]
    break_through: bool
    delay: int | None


COLUMNS = select_list(
    PreferencesRow,
    **{name: f"m.{name}" for name in ("chat_id", "user_id", "muted", "muted_until", "notify")},
    **{name: f"u.{name}" for name in ("time_zone", "dnd_start", "dnd_end")},
    dnd_until=QUIET_UNTIL.format("u"),
    level="coalesce(n.level, 'all')",
    keywords="coalesce(n.keywords, '{}')",
    break_through="coalesce(n.break_through, false)",
    delay="n.delay",
)
TABLES = """chats_member m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
LEFT JOIN notifications_preferences n ON n.user_id = m.user_id"""
OF_MEMBERS = f"""
SELECT {COLUMNS} FROM unnest(%s::uuid[], %s::uuid[]) AS asked (chat_id, user_id)
JOIN ({TABLES}) ON m.chat_id = asked.chat_id AND m.user_id = asked.user_id
"""  # noqa: S608  constants only
WITH_KEYWORDS = f"""
SELECT m.chat_id, m.user_id, n.keywords FROM {TABLES}
WHERE m.chat_id = %s AND m.left_rev IS NULL AND n.keywords <> '{{}}'
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
        rows = map(PreferencesRow._make, cursor.fetchall())
        return {(row.chat_id, row.user_id): _preferences(row) for row in rows}


def with_keywords(chat_id: UUID) -> dict[tuple[UUID, UUID], list[str]]:
    """The keywords by (chat, person), for the members of one chat who have any."""
    with connection.cursor() as cursor:
        cursor.execute(WITH_KEYWORDS, [chat_id])
        return {(chat, person): keywords for chat, person, keywords in cursor.fetchall()}


def of_person(user_id: UUID) -> dict[UUID, MemberPreferences]:
    """The preferences by chat, for every chat of the person."""
    with connection.cursor() as cursor:
        cursor.execute(OF_PERSON, [user_id])
        rows = map(PreferencesRow._make, cursor.fetchall())
        return {row.chat_id: _preferences(row) for row in rows}


def _preferences(row: PreferencesRow) -> MemberPreferences:
    preferences = ChatPreferences(
        level=Level(row.level),
        chat_level=row.notify,
        muted=row.muted,
        muted_until=row.muted_until,
        keywords=tuple(row.keywords),
        break_through=row.break_through,
        do_not_disturb=DoNotDisturb(row.time_zone, row.dnd_start, row.dnd_end, row.dnd_until),
    )
    return MemberPreferences(preferences, row.delay)
