"""Editing, deleting and pinning what was sent."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from apps.chats.actions import mentions, previews
from apps.chats.actions.chat_change import ChatChange, changing
from apps.chats.actions.validation import validate_text
from apps.chats.models import Message, MessageEdit, Reaction
from apps.chats.roles import Right
from apps.core.errors import Conflict, Forbidden, NotPossible
from apps.core.limits import DELETES, EDITS, PINS, limited

MAX_PINS = 100
# Former texts kept of one message. Each may have 100,000 characters.
MAX_FORMER_TEXTS = 50


@limited(EDITS)
def edit_message(
    user_id: UUID, chat_id: UUID, seq: int, text: str, *, base_at: datetime | None = None
) -> None:
    """Give an own message another text; the last `MAX_FORMER_TEXTS` former ones are kept.

    `base_at` says when the text that the change began from was written (`edited_at`, or `at` of a
    message that was never edited); None: whichever text is current. Raises Conflict when another
    text is current by now, NotFound (also when it was deleted meanwhile), Forbidden for others'
    messages, NotContacts, and what a text may be refused for.
    """
    text = validate_text(text)
    with changing(user_id, chat_id, Right.EDIT) as change:
        message = change.message(seq)
        if message.sender_id != user_id:
            raise Forbidden("Only who wrote a message can edit it.")
        if message.text == text:
            return
        if base_at not in (message.edited_at or message.created_at, None):
            raise Conflict
        _keep(message, change)
        [people] = mentions.resolve([(chat_id, text)])
        change.change_message(
            seq,
            text=text,
            edited_at=change.now,
            mentions=people.people or None,
            previews=previews.still_linked(message, text),
        )
        previews.request_previews([(chat_id, seq, text)])


@limited(DELETES)
def delete_message(user_id: UUID, chat_id: UUID, seq: int) -> None:
    """Delete a message: its words, former words and reactions go, its place stays.

    One's own can be deleted in a direct chat also after the contact has ended. Raises NotFound,
    and Forbidden for others' messages where the role does not allow it.
    """
    with changing(user_id, chat_id, Right.TAKE_BACK) as change:
        message = change.message(seq)
        if message.sender_id != user_id:
            change.allow(Right.DELETE_OTHERS)
        MessageEdit.objects.filter(chat_id=chat_id, seq=seq).delete()
        Reaction.objects.filter(chat_id=chat_id, seq=seq).delete()
        change.change_message(
            seq,
            text="",
            deleted_at=change.now,
            mentions=None,
            mentions_all=False,
            reacted=False,
            previews=None,
            pinned_at=None,
        )


@limited(PINS)
def pin_message(user_id: UUID, chat_id: UUID, seq: int, *, pinned: bool) -> None:
    """Pin a message for all members, or take the pin away. Raises NotFound, Forbidden,
    NotContacts, and NotPossible beyond a hundred pins."""
    with changing(user_id, chat_id, Right.PIN) as change:
        message = change.message(seq)
        if (message.pinned_at is not None) == pinned:
            return
        held = Message.objects.filter(chat_id=chat_id, pinned_at__isnull=False)
        if pinned and held.count() >= MAX_PINS:
            raise NotPossible("There are as many pins here as there may be; take one away first.")
        change.change_message(seq, pinned_at=change.now if pinned else None)


def _keep(message: Message, change: ChatChange) -> None:
    former = MessageEdit.objects.filter(chat_id=message.chat_id, seq=message.seq)
    version = (former.aggregate(last=Max("version"))["last"] or 0) + 1
    MessageEdit.objects.create(
        chat_id=message.chat_id,
        seq=message.seq,
        version=version,
        text=message.text,
        until=change.now,
    )
    former.filter(version__lte=version - MAX_FORMER_TEXTS).delete()
