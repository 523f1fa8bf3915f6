"""What a person keeps for themselves: saved messages and drafts, on all their devices."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions.streams import advance
from apps.chats.models import Draft, Message, Saved
from apps.chats.queries.access import get_membership
from apps.chats.queries.keeping import draft_changed, saved_changed
from apps.core.errors import NotFound, TooLong
from apps.wire.publish import publish

LONGEST_DRAFT = 100_000


def keep_message(user_id: UUID, chat_id: UUID, seq: int, *, saved: bool) -> None:
    """Keep a message to be found again, or no longer. Raises NotFound."""
    get_membership(user_id, chat_id)
    if saved and not Message.objects.filter(pk=(chat_id, seq), deleted_at=None).exists():
        raise NotFound
    with transaction.atomic():
        kept = Saved.objects.filter(pk=(user_id, chat_id, seq))
        if kept.filter(gone=False).exists() == saved:
            return
        row, _ = Saved.objects.update_or_create(
            user_id=user_id,
            chat_id=chat_id,
            seq=seq,
            defaults={
                "at": timezone.now(),
                "gone": not saved,
                "person_rev": advance([user_id])[user_id],
            },
        )
        publish([saved_changed(row)])


def save_draft(user_id: UUID, chat_id: UUID, text: str, reply_to: int | None) -> None:
    """Keep what is written so far; an empty text forgets it. Raises NotFound, TooLong."""
    if len(text) > LONGEST_DRAFT:
        raise TooLong
    get_membership(user_id, chat_id)
    text = text.replace("\x00", "")
    with transaction.atomic():
        draft = Draft.objects.filter(pk=(user_id, chat_id)).first()
        if (draft.text if draft else "", draft.reply_to if draft else None) == (text, reply_to):
            return
        row, _ = Draft.objects.update_or_create(
            user_id=user_id,
            chat_id=chat_id,
            defaults={
                "text": text,
                "reply_to": reply_to,
                "at": timezone.now(),
                "person_rev": advance([user_id])[user_id],
            },
        )
        publish([draft_changed(row)])
