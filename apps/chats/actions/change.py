"""Changing a chat: the one way by which its two numbers move, besides sending.

    with changing(user_id, chat_id) as change:
        change.allow(Right.RENAME)
        ...
        change.entry("renamed", text=title)

The chat's row is locked first; on leaving the block its heads are written. Every revision taken
must be stored in a row of the chat (a message, a member, the title).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions.streams import advance
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import lists, members, rows
from apps.chats.queries.access import get_membership
from apps.chats.queries.changes import joined, publication
from apps.chats.roles import Right, may
from apps.core.errors import Forbidden, NotFound
from apps.core.identifiers import new_id
from apps.notifications.actions.reading import read_up_to
from apps.wire.publish import publish

LOCK = (
    "SELECT greatest(active_at, clock_timestamp()) FROM chats_chat WHERE id = %s FOR NO KEY UPDATE"
)


class ChatChange:
    """A locked chat, who changes it, and what time it is in that chat."""

    def __init__(self, chat: Chat, actor: Member | None, *, actor_id: UUID, now: datetime) -> None:
        self.chat = chat
        self.actor = actor
        self.actor_id = actor_id
        self.now = now
        # Whose own streams shall carry the chat as it is when the change is done.
        self.welcome: list[UUID] = []
        self.spoke = False

    def allow(self, right: Right) -> None:
        """Raises Forbidden when the actor's role lacks the right."""
        role = self.actor.role if self.actor else ""
        if not role or not may(role, right, direct=self.chat.kind == Chat.Kind.DIRECT):
            raise Forbidden

    def next_rev(self) -> int:
        """The next revision of the chat."""
        self.chat.rev += 1
        return self.chat.rev

    def entry(self, kind: str, *, about: UUID | None = None, text: str = "") -> int:
        """Add a timeline entry of another kind than text, by the actor; answers its seq."""
        self.chat.last_seq += 1
        self.chat.active_at = self.now
        self.spoke = True
        entry = Message.objects.create(
            chat_id=self.chat.id,
            seq=self.chat.last_seq,
            rev=self.next_rev(),
            id=new_id(),
            kind=kind,
            sender_id=self.actor_id,
            client_id=new_id(),
            text=text,
            created_at=self.now,
            about=about,
        )
        self.tell_message(entry.seq)
        return entry.seq

    def message(self, seq: int) -> Message:
        """A text message that is not deleted. Raises NotFound."""
        found = Message.objects.filter(
            chat_id=self.chat.id, seq=seq, kind="text", deleted_at=None
        ).first()
        if found is None:
            raise NotFound
        return found

    def change_message(self, seq: int, **fields: object) -> None:
        """Write fields of a message under the next revision, and tell."""
        Message.objects.filter(pk=(self.chat.id, seq)).update(rev=self.next_rev(), **fields)
        self.tell_message(seq)

    def tell_message(self, seq: int) -> None:
        """Publish a message as it is now; the chat is at its revision."""
        if (body := rows.one(self.chat.id, seq)) is not None:
            rev = self.chat.rev
            publish([publication(self.chat.id, body, rev=rev, follows=rev - 1)])

    def tell_member(self, user_id: UUID) -> None:
        """Publish a member as they are now; the chat is at the row's revision."""
        body = members.some_of(self.chat.id, [user_id])[user_id]
        rev = self.chat.rev
        publish([publication(self.chat.id, body, rev=rev, follows=rev - 1)])


@contextmanager
def changing(user_id: UUID, chat_id: UUID) -> Iterator[ChatChange]:
    """Lock a chat of the person and change it. Raises NotFound."""
    with transaction.atomic():
        now = lock(chat_id)
        actor = get_membership(user_id, chat_id)
        change = ChatChange(actor.chat, actor, actor_id=user_id, now=now)
        yield change
        finish(change)


@contextmanager
def changing_from_outside(user_id: UUID, chat_id: UUID) -> Iterator[ChatChange]:
    """As `changing`, by somebody who need not be a member: the caller has shown their right."""
    with transaction.atomic():
        now = lock(chat_id)
        change = ChatChange(Chat.objects.get(id=chat_id), None, actor_id=user_id, now=now)
        yield change
        finish(change)


def lock(chat_id: UUID) -> datetime:
    """Lock the chat's row until the commit; answers the time, never before its last entry's."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [chat_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    now: datetime = row[0]
    return now


def finish(change: ChatChange) -> None:
    """Write the chat's heads; then put it, as it is now, into the streams of those to welcome."""
    chat = change.chat
    chat.save(update_fields=["last_seq", "rev", "active_at", "title", "head_rev"])
    if change.spoke:
        # As with sending: who makes an entry has read the chat up to it.
        Member.objects.filter(pk=(chat.id, change.actor_id)).update(
            read_seq=chat.last_seq, delivered_seq=chat.last_seq, marked_unread=False
        )
        read_up_to({(change.actor_id, chat.id): chat.last_seq})
    if not change.welcome:
        return
    for person, rev in advance(change.welcome).items():
        Member.objects.filter(pk=(chat.id, person)).update(person_rev=rev)
        for body in lists.some_of(person, [chat.id]):
            publish([joined(person, rev, body)])
