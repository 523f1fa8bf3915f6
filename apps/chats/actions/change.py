"""Changing a chat: the one way by which its two numbers move, besides sending.

    with changing(user_id, chat_id, Right.RENAME) as change:
        ...
        change.entry("renamed", text=title)

The chat's row is locked first, then the right is judged; on leaving the block the chat's heads are
written. Every revision taken must be stored in a row of the chat (a message, a member, the title).
The order in which rows are locked is in docs/locks.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import streams
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import changes, lists, members, rows
from apps.chats.queries.access import get_membership, in_touch
from apps.chats.queries.changes import publication
from apps.chats.roles import WITHOUT_CONTACT, Right, may
from apps.core.errors import Forbidden, NotContacts, NotFound
from apps.core.identifiers import new_id
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.wire.publish import publish

LOCK = (
    "SELECT greatest(active_at, clock_timestamp()) FROM chats_chat WHERE id = %s FOR NO KEY UPDATE"
)
SET_PERSON_REVS = """
UPDATE chats_member m SET person_rev = told.rev
FROM unnest(%s::uuid[], %s::bigint[]) AS told (user_id, rev)
WHERE m.chat_id = %s AND m.user_id = told.user_id
"""


class ChatChange:
    """A locked chat, the person who changes it, and the time in that chat."""

    def __init__(self, chat: Chat, actor: Member | None, *, actor_id: UUID, now: datetime) -> None:
        self.chat = chat
        self.actor = actor
        self.actor_id = actor_id
        self.now = now
        # When the change is done, these people's own streams carry the chat as it is then.
        self.welcome: list[UUID] = []
        # These people's own streams say that the chat is no longer theirs.
        self.farewell: list[UUID] = []
        # These people have nothing left to be notified of in the chat.
        self.read_by: set[UUID] = set()
        self.spoke = False

    def allow(self, right: Right) -> None:
        """Raises Forbidden when the actor's role lacks the right, NotContacts when the two people
        of a direct chat are no longer in touch."""
        direct = self.chat.kind == Chat.Kind.DIRECT
        if self.actor is None or not may(self.actor.role, right, direct=direct):
            raise Forbidden
        if right not in WITHOUT_CONTACT and not in_touch(self.chat):
            raise NotContacts

    def next_rev(self) -> int:
        """The next revision of the chat."""
        self.chat.rev += 1
        return self.chat.rev

    def entry(self, kind: str, *, about: UUID | None = None, text: str = "") -> None:
        """Add a timeline entry of another kind than text, by the actor."""
        self.entries(kind, about=[about], text=text)

    def entries(self, kind: str, *, about: Sequence[UUID | None], text: str = "") -> None:
        """Add one entry for each person in `about`; the number of statements stays the same."""
        chat = self.chat
        first = chat.last_seq + 1
        chat.last_seq += len(about)
        chat.active_at = self.now
        self.spoke = True
        Message.objects.bulk_create(
            Message(
                chat_id=chat.id,
                seq=seq,
                rev=self.next_rev(),
                id=new_id(),
                kind=kind,
                sender_id=self.actor_id,
                client_id=new_id(),
                text=text,
                created_at=self.now,
                about=person,
            )
            for seq, person in enumerate(about, start=first)
        )
        self.tell_messages(range(first, chat.last_seq + 1))

    def message(self, seq: int) -> Message:
        """A text message that is not deleted. Raises NotFound."""
        found = Message.objects.filter(
            chat_id=self.chat.id, seq=seq, kind="text", deleted_at=None
        ).first()
        if found is None:
            raise NotFound
        return found

    def change_message(self, seq: int, **fields: object) -> None:
        """Write fields of a message under the next revision, and publish it."""
        Message.objects.filter(pk=(self.chat.id, seq)).update(rev=self.next_rev(), **fields)
        self.tell_messages([seq])

    def tell_messages(self, seqs: Iterable[int]) -> None:
        """Publish messages as they are now; each was just written under its own revision."""
        where = "WHERE m.chat_id = %(chat)s AND m.seq = ANY(%(seqs)s) ORDER BY m.rev"
        bodies = rows.select(where, {"chat": self.chat.id, "seqs": list(seqs)})
        publish(publication(self.chat.id, b, rev=b.rev, follows=b.rev - 1) for b in bodies)

    def tell_members(self, revs: Mapping[UUID, int]) -> None:
        """Publish members as they are now, each under the revision just stored in their row."""
        bodies = members.some_of(self.chat.id, revs)
        publish(
            publication(self.chat.id, bodies[person], rev=rev, follows=rev - 1)
            for person, rev in revs.items()
        )


@contextmanager
def changing(user_id: UUID, chat_id: UUID, right: Right) -> Iterator[ChatChange]:
    """Lock a chat of the person and change it.

    Raises NotFound, and what `ChatChange.allow` raises when the person lacks `right`.
    """
    with transaction.atomic():
        now = lock(chat_id)
        actor = get_membership(user_id, chat_id)
        change = ChatChange(actor.chat, actor, actor_id=user_id, now=now)
        change.allow(right)
        yield change
        finish([change])


@contextmanager
def changing_from_outside(user_id: UUID, chat_id: UUID) -> Iterator[ChatChange]:
    """As `changing`, by somebody who need not be a member: the caller has shown their right."""
    with transaction.atomic():
        now = lock(chat_id)
        change = ChatChange(Chat.objects.get(id=chat_id), None, actor_id=user_id, now=now)
        yield change
        finish([change])


def lock(chat_id: UUID) -> datetime:
    """Lock the chat's row until the commit; answers the time, never before its last entry's."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [chat_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    now: datetime = row[0]
    return now


def finish(done: Sequence[ChatChange]) -> None:
    """Write the heads of the changed chats, then tell people in their own streams.

    Members are written before streams are locked, and streams before pushes: see docs/locks.md.
    """
    for change in done:
        _write_heads(change)
    told = {person for change in done for person in (*change.welcome, *change.farewell)}
    if told and len(done) > 1:
        # A person may be told of several chats: lock every stream first, in id order.
        streams.lock(told)
    for change in done:
        _tell_people(change)
    read_up_to(
        {
            (person, change.chat.id): change.chat.last_seq
            for change in done
            for person in change.read_by
        }
    )


def _write_heads(change: ChatChange) -> None:
    chat = change.chat
    chat.save(update_fields=["last_seq", "rev", "active_at", "title", "head_rev"])
    if change.spoke:
        # As with sending: making an entry implies having read the chat up to it.
        Member.objects.filter(pk=(chat.id, change.actor_id)).update(
            read_seq=chat.last_seq, delivered_seq=chat.last_seq, marked_unread=False
        )
        change.read_by.add(change.actor_id)


def _tell_people(change: ChatChange) -> None:
    told = {*change.welcome, *change.farewell}
    if not told:
        return
    chat_id = change.chat.id
    revs = streams.advance(told)
    with connection.cursor() as cursor:
        cursor.execute(SET_PERSON_REVS, [list(revs), list(revs.values()), chat_id])
    seen = lists.as_seen_by(change.welcome, chat_id)
    publish(changes.joined(person, revs[person], body) for person, body in seen.items())
    publish(changes.left(person, revs[person], chat_id) for person in change.farewell)
