"""Saving messages, for one person on all their devices."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions.streams import advance
from apps.chats.models import Message, Saved
from apps.chats.queries.access import get_membership
from apps.chats.queries.saved import publication
from apps.core.errors import NotFound
from apps.core.limits import SAVED, limited
from apps.wire.publish import publish


@limited(SAVED)
def save_message(user_id: UUID, chat_id: UUID, *, seq: int, saved: bool) -> None:
    """Save a message, or remove it from the saved ones. Raises NotFound."""
    get_membership(user_id, chat_id)
    if saved and not Message.objects.filter(pk=(chat_id, seq), deleted_at=None).exists():
        raise NotFound
    with transaction.atomic():
        row = Saved.objects.filter(pk=(user_id, chat_id, seq), gone=False)
        if row.exists() == saved:
            return
        changed, _ = Saved.objects.update_or_create(
            user_id=user_id,
            chat_id=chat_id,
            seq=seq,
            defaults={
                "at": timezone.now(),
                "gone": not saved,
                "person_rev": advance([user_id])[user_id],
            },
        )
        publish([publication(changed)])
