"""What is on hold."""

from uuid import UUID

from django.db import connection

from apps.retention.models import Hold

# A person's hold covers all chats that they are or were in: what others wrote to them, too.
COVERS = """EXISTS (
    SELECT FROM retention_hold h WHERE h.ended_at IS NULL AND (h.chat_id = {chat}
        OR EXISTS (SELECT FROM chats_member hm
            WHERE hm.chat_id = {chat} AND hm.user_id = h.person_id)))"""


def covers_chat(chat_id: UUID) -> bool:
    """Whether a hold covers a chat."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COVERS.format(chat='%(chat)s')}", {"chat": chat_id})
        return bool(cursor.fetchone()[0])


def is_on_hold(person: UUID) -> bool:
    """Whether a person is on hold."""
    return Hold.objects.filter(person_id=person, ended_at=None).exists()
