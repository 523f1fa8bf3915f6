"""Keeps what people delete while a hold covers the chat, and deletes it afterwards."""

import logging
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.db import transaction

from apps.chats.actions.chat_locks import lock_chat
from apps.chats.held_content import Content
from apps.chats.linked_rows import Rows
from apps.core.errors import NotFound
from apps.core.skip_failed import skip_failed
from apps.files.actions import uses
from apps.retention.models import HeldContent
from apps.retention.queries.holds import covers_chat

logger = logging.getLogger(__name__)
MAX_AT_ONCE = 200


def keep(content: Content, read_rows: Callable[[], dict[str, Rows]]) -> bool:
    """Keep the content, and who reacted and voted, if a hold covers its chat. Under the chat's
    lock."""
    if not covers_chat(content.chat_id):
        return False
    HeldContent.objects.get_or_create(
        chat_id=content.chat_id,
        seq=content.seq,
        defaults={**content._asdict(), "former": [*content.former], "rows": read_rows()},
    )
    return True


def delete_released() -> None:
    """Delete what was kept of chats that no hold covers any more."""
    for chat_id in HeldContent.objects.values_list("chat_id", flat=True).distinct():
        with skip_failed(logger, "what a hold kept cannot be deleted: %s", chat_id):
            while _delete_part(chat_id):
                pass


@transaction.atomic
def _delete_part(chat_id: UUID) -> bool:
    # A chat that was removed as a whole has no lock, and nobody writes to it.
    with suppress(NotFound):
        lock_chat(chat_id)
    if covers_chat(chat_id):
        return False
    rows = list(HeldContent.objects.filter(chat_id=chat_id).order_by("seq")[:MAX_AT_ONCE])
    HeldContent.objects.filter(chat_id=chat_id, seq__in=[row.seq for row in rows]).delete()
    uses.remove(UUID(file["id"]) for row in rows for file in row.files or [])
    return len(rows) == MAX_AT_ONCE
