"""Hiding, restoring and deleting a message for all, by moderators. They need not be members; who
may do it is decided in `moderation`.

The content of a hidden message is moved out of it: whatever reads messages finds an empty one.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext_noop

from apps.chats.actions import attachments, edits, keywords, threads
from apps.chats.actions.chat_change import ChatChange, changing_without_membership
from apps.chats.held_content import Content, keep_if_held
from apps.chats.linked_rows import delete_linked_rows
from apps.chats.models import HiddenContent, Message, MessageEdit, Reaction
from apps.core.errors import NotFound, NotPossible
from apps.files.actions import uses
from apps.wire import bodies


def author_of(chat_id: UUID, seq: int) -> UUID:
    """Who wrote a message. Raises NotFound, also for a system entry."""
    found = Message.objects.filter(chat_id=chat_id, seq=seq, kind="text")
    sender: UUID | None = found.values_list("sender_id", flat=True).first()
    if sender is None:
        raise NotFound
    return sender


def hide_message(chat_id: UUID, seq: int) -> None:
    """Take the content of a message away from everybody, until it is restored.

    Raises NotFound, also for a deleted message, and NotPossible for a hidden one.
    """
    with changing_without_membership(author_of(chat_id, seq), chat_id) as change:
        if _hidden(chat_id, seq) is not None:
            raise NotPossible(gettext_noop("This message is hidden already."))
        message = change.message(seq)
        former = MessageEdit.objects.filter(chat_id=chat_id, seq=seq).order_by("version")
        HiddenContent.objects.create(
            chat_id=chat_id,
            seq=seq,
            text=message.text,
            former=[
                {"version": each.version, "text": each.text, "until": each.until.isoformat()}
                for each in former
            ],
            mentions=message.mentions and [str(person) for person in message.mentions],
            mentions_all=message.mentions_all,
            previews=message.previews,
            files=message.files,
            layout=message.layout,
        )
        former.delete()
        if message.files:
            attachments.hide(chat_id, seq)
        at = {"deleted_at": change.now, "hidden_at": change.now}
        change.empty_message(seq, **edits.EMPTY, **at)
        threads.count_again(change, message)


def restore_message(chat_id: UUID, seq: int) -> None:
    """Show a hidden message again, without its pin. Raises NotFound, and NotPossible for one that
    is not hidden."""
    author = author_of(chat_id, seq)
    with changing_without_membership(author, chat_id) as change:
        content = _hidden(chat_id, seq)
        if content is None:
            raise NotPossible(gettext_noop("This message is not hidden."))
        MessageEdit.objects.bulk_create(
            MessageEdit(chat_id=chat_id, seq=seq, **_former(each)) for each in content.former
        )
        if content.files:
            files = msgspec.convert(content.files, list[bodies.File])
            attachments.show([(chat_id, seq, files)])
        _end(change, content)
        change.change_content(
            seq,
            text=content.text,
            mentions=content.mentions and [UUID(person) for person in content.mentions],
            mentions_all=content.mentions_all,
            keyword_of=keywords.members_who_want(chat_id, author, content.text),
            previews=content.previews,
            files=content.files,
            layout=content.layout,
            reacted=Reaction.objects.filter(chat_id=chat_id, seq=seq).exists(),
            deleted_at=None,
            hidden_at=None,
        )
        threads.count_again(change, Message.objects.get(pk=(chat_id, seq)))


def delete_for_all(chat_id: UUID, seq: int) -> None:
    """Delete a message, hidden or not, as its author would; its place says that moderators did.
    Raises NotFound."""
    author = author_of(chat_id, seq)
    with changing_without_membership(author, chat_id) as change:
        content = _hidden(chat_id, seq)
        if content is None:
            edits.remove(change, change.message(seq), by_moderator=True)
            return
        held = Content(
            *(chat_id, seq, author, content.text),
            former=content.former,
            files=content.files,
            layout=content.layout,
            deleted_at=change.now,
        )
        if not keep_if_held(held):
            uses.remove(UUID(file["id"]) for file in content.files or [])
        _end(change, content)
        Reaction.objects.filter(chat_id=chat_id, seq=seq).delete()
        delete_linked_rows(chat_id, seq, seq + 1)
        change.change_message(seq, hidden_at=None, deleted_by_moderator=True)


def _hidden(chat_id: UUID, seq: int) -> HiddenContent | None:
    return HiddenContent.objects.filter(pk=(chat_id, seq)).first()


def _end(change: ChatChange, content: HiddenContent) -> None:
    HiddenContent.objects.filter(pk=(change.chat.id, content.seq)).delete()


def _former(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "until": datetime.fromisoformat(stored["until"])}
