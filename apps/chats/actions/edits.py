"""Editing, deleting and pinning messages."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext

from apps.chats.actions import (
    attachments,
    content_checks,
    hooked,
    keywords,
    layouts,
    mentions,
    previews,
    threads,
)
from apps.chats.actions.chat_change import ChatChange, changing
from apps.chats.actions.validation import validate_text
from apps.chats.held_content import Content, keep_if_held
from apps.chats.linked_rows import delete_linked_rows
from apps.chats.models import Message, MessageEdit, Reaction
from apps.chats.roles import Right
from apps.core.errors import Conflict, Forbidden, NotPossible
from apps.core.limits import DELETES, EDITS, PINS, limited
from apps.wire import bodies

MAX_PINS = 100
# Stored per message. Each may have 100,000 characters.
MAX_FORMER_TEXTS = 50
# What a message without content has.
EMPTY: dict[str, object] = {
    "text": "",
    "mentions": None,
    "mentions_all": False,
    "keyword_of": None,
    "reacted": False,
    "previews": None,
    "files": None,
    "layout": None,
    "pinned_at": None,
}


@limited(EDITS)
def edit_message(
    user_id: UUID,
    chat_id: UUID,
    *,
    seq: int,
    text: str,
    base_at: datetime | None = None,
    layout: bodies.Layout | None = None,
) -> None:
    """Change the text of the person's own message. Keeps the last `MAX_FORMER_TEXTS` former texts.

    `layout`: how a program has it drawn now; without one, its former cards go with its former text.
    `base_at` identifies the text that was edited, by its time (`edited_at`, or `at` of a message
    that was never edited); None edits whichever text is current. Raises Conflict when another text
    is current, NotFound (also for a deleted message), Forbidden (for other people's messages, and
    an entry of a plugin), NotContacts, AgainstRules, NotAsEdit, NewAccount, RefusedByPlugin, and
    what `validate_text` raises.
    """
    allowed = hooked.ask_edited(user_id, chat_id, seq=seq, text=text)
    if allowed != text:
        text, layout = allowed, hooked.with_text(layout, allowed)
    with changing(user_id, chat_id, Right.EDIT) as change:
        message = change.message(seq)
        text = validate_text(text, may_be_empty=bool(message.files))
        if message.sender_id != user_id:
            raise Forbidden("Only the author can edit a message.")
        drawn = layouts.changed(message, layout)
        if message.text == text and (layout is None or drawn == message.layout):
            return
        flagged_by = content_checks.check_edited(change.chat, message, text)
        if base_at not in (message.edited_at or message.created_at, None):
            raise Conflict
        _store_former_text(message, change)
        [mentioned] = mentions.resolve([(chat_id, text)])
        change.rewrite_message(
            seq,
            text=text,
            edited_at=change.now,
            mentions=mentioned.people or None,
            mentions_all=mentioned.mentions_all and change.has(Right.MENTION_ALL),
            keyword_of=keywords.members_who_want(chat_id, user_id, text),
            previews=previews.still_linked(message, text),
            layout=drawn,
        )
        if layouts.has_previews(layout):
            previews.request_previews([(chat_id, seq, text)])
        content_checks.flag([(chat_id, seq, flagged_by)])


@limited(DELETES)
def delete_message(user_id: UUID, chat_id: UUID, *, seq: int) -> None:
    """Delete a message: its text, files, former texts and reactions are removed, its place stays.

    People can delete their own messages in a direct chat even after the contact has ended. Raises
    NotFound, and Forbidden for other people's messages if the role does not allow it.
    """
    with changing(user_id, chat_id, Right.REMOVE_OWN) as change:
        message = change.message(seq)
        if message.sender_id != user_id:
            change.allow(Right.DELETE_OTHERS)
        remove(change, message)


def remove(change: ChatChange, message: Message, *, by_moderator: bool = False) -> None:
    """Delete a message, under the chat's lock. The caller checks the right."""
    chat_id, seq = message.chat_id, message.seq
    former = MessageEdit.objects.filter(chat_id=chat_id, seq=seq)
    content = Content(
        *(chat_id, seq, message.sender_id, message.text),
        former=[
            {"version": each.version, "text": each.text, "until": each.until.isoformat()}
            for each in former.order_by("version")
        ],
        files=message.files,
        layout=message.layout,
        deleted_at=change.now,
    )
    is_kept = keep_if_held(content)
    former.delete()
    Reaction.objects.filter(chat_id=chat_id, seq=seq).delete()
    delete_linked_rows(chat_id, seq, seq + 1)
    if message.files:
        (attachments.hide if is_kept else attachments.detach)(chat_id, seq)
    marks = {"deleted_at": change.now, "deleted_by_moderator": by_moderator}
    change.empty_message(seq, **EMPTY, **marks)
    threads.count_again(change, message)


@limited(PINS)
def pin_message(user_id: UUID, chat_id: UUID, *, seq: int, pinned: bool) -> None:
    """Pin or unpin a message for all members. Raises NotFound, Forbidden, NotContacts, and
    NotPossible beyond MAX_PINS."""
    with changing(user_id, chat_id, Right.PIN) as change:
        message = change.message(seq)
        if (message.pinned_at is not None) == pinned:
            return
        held = Message.objects.filter(chat_id=chat_id, pinned_at__isnull=False)
        if pinned and held.count() >= MAX_PINS:
            words = gettext("This chat already has {n} pinned messages. Unpin one first.")
            raise NotPossible(words.format(n=MAX_PINS))
        change.change_message(seq, pinned_at=change.now if pinned else None)


def _store_former_text(message: Message, change: ChatChange) -> None:
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
