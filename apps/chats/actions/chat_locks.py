"""All statements that lock rows of chats. docs/locks.md lists what the locks guard.

Chats are always locked in the order of their ids, so that two transactions never deadlock on them.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.core.errors import NotFound

LOCK_CHATS = "SELECT id FROM chats_chat WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
LOCK_UNLOCKED = f"{LOCK_CHATS} SKIP LOCKED"
LOCK_ONE = (
    "SELECT greatest(active_at, clock_timestamp()) FROM chats_chat WHERE id = %s FOR NO KEY UPDATE"
)
LOCK_PAIR = "SELECT FROM chats_chat WHERE low = %s AND high = %s FOR NO KEY UPDATE"
LOCK_PAIR_OF_MEMBERS = """
SELECT FROM chats_member m JOIN chats_chat c ON c.id = m.chat_id
WHERE c.low = %s AND c.high = %s ORDER BY m.user_id FOR NO KEY UPDATE OF m
"""
LOCK_ALL_OF = """
SELECT c.id FROM chats_chat c JOIN chats_member m ON m.chat_id = c.id
WHERE m.user_id = %s AND m.left_rev IS NULL ORDER BY c.id FOR NO KEY UPDATE OF c
"""
LOCK_ALL_EVER_OF = """
SELECT c.id FROM chats_chat c JOIN chats_member m ON m.chat_id = c.id
WHERE m.user_id = %s ORDER BY c.id FOR NO KEY UPDATE OF c
"""


def lock_chat(chat_id: UUID) -> datetime:
    """Lock a chat until the commit. Returns the time, never earlier than its last entry.

    Raises NotFound for an unknown chat.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ONE, [chat_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    now: datetime
    [now] = row
    return now


def try_lock_chats(chats: Iterable[UUID]) -> set[UUID]:
    """Lock those of `chats` that no other transaction has locked, and return them.

    Never waits. The locks last until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK_UNLOCKED, [list(chats)])
        return {chat for (chat,) in cursor.fetchall()}


def lock_direct(one: UUID, other: UUID) -> None:
    """Lock the direct chat of two people, if it exists, as every change of it does, and then the
    two members."""
    pair = sorted((one, other))
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PAIR, pair)
        cursor.execute(LOCK_PAIR_OF_MEMBERS, pair)


def lock_chats_of(person: UUID) -> None:
    """Lock all chats that a person is in."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ALL_OF, [person])


def lock_chats_ever_of(person: UUID) -> None:
    """Lock all chats that a person is or was in."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_ALL_EVER_OF, [person])
