"""What is on hold."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from apps.chats.models import Member
from apps.retention.models import HeldContent, Hold

# A person's hold covers all chats that they are or were in: what others wrote to them, too.
COVERS = """EXISTS (
    SELECT FROM retention_hold h WHERE h.ended_at IS NULL AND (h.chat_id = {chat}
        OR EXISTS (SELECT FROM chats_member hm
            WHERE hm.chat_id = {chat} AND hm.user_id = h.person_id)))"""
COVERED = f"""
SELECT asked.chat FROM unnest(%s::uuid[]) AS asked (chat) WHERE {COVERS.format(chat="asked.chat")}
"""  # noqa: S608  constants only


def covers_chat(chat_id: UUID) -> bool:
    """Whether a hold covers a chat."""
    return bool(covered([chat_id]))


def covered(chats: Collection[UUID]) -> set[UUID]:
    """Those of `chats` that a hold covers."""
    with connection.cursor() as cursor:
        cursor.execute(COVERED, [list(chats)])
        return {chat for (chat,) in cursor.fetchall()}


def is_on_hold(person: UUID) -> bool:
    """Whether a person is on hold."""
    return Hold.objects.filter(person_id=person, ended_at=None).exists()


def count_kept(hold: Hold) -> int:
    """How many messages that people deleted are kept in the chats that a hold covers."""
    kept = HeldContent.objects.all()
    if hold.chat_id is not None:
        kept = kept.filter(chat_id=hold.chat_id)
    elif hold.person_id is not None:
        chats = Member.objects.filter(user_id=hold.person_id).values("chat_id")
        kept = kept.filter(chat_id__in=chats)
    return kept.count()
