"""Changes of a chat, apart from sent messages: the only other code that moves its two numbers.

    with changing(user_id, chat_id, Right.RENAME) as change:
        ...
        change.entry("renamed", text=title)

`changing` locks the chat's row, then checks the right; at the end of the block it writes the chat's
numbers. Every revision used must be stored in a row of the chat (a message, a member, the head).
docs/locks.md lists the order of row locks.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min

from apps.accounts.actions import streams
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.content_copies import forget_copies
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import changes, chat_list, members, message_rows, own_changes
from apps.chats.queries.access import get_membership, in_touch
from apps.chats.queries.changes import publication
from apps.chats.roles import WHEN_CLOSED, WITHOUT_CONTACT, Right, may
from apps.core.errors import ChatClosed, Forbidden, NotContacts, NotFound
from apps.core.identifiers import new_id
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.renew_on_change import renew_shown
from apps.wire.publish import publish

SET_PERSON_REVS = """
UPDATE chats_member m SET person_rev = recipients.rev
FROM unnest(%s::uuid[], %s::bigint[]) AS recipients (user_id, rev)
WHERE m.chat_id = %s AND m.user_id = recipients.user_id
"""

HEAD_FIELDS = (
    *("last_seq", "rev", "active_at", "title", "picture", "closed_reason", "head_rev"),
    *("kept_from", "kept_days", "keep_days", "keep_days_from"),
)


class ChatChange:
    """A locked chat, the person who changes it, and the time of the change."""

    def __init__(
        self, chat: Chat, actor: Member | None, *, actor_id: UUID | None, now: datetime
    ) -> None:
        self.chat = chat
        self.actor = actor
        self.actor_id = actor_id
        self.now = now
        # People whose own streams get the chat as it is after the change.
        self.chat_changed_for: list[UUID] = []
        # People whose own streams say that they are no longer in the chat.
        self.chat_left_by: list[UUID] = []
        # People for whom the whole chat counts as read: their pending pushes are cancelled.
        self.read_by: set[UUID] = set()
        # Messages with another text, or without content: notifications of them are renewed. With
        # the next message, if only a notification that shows this very one needs it.
        self.rewritten: dict[int, int | None] = {}
        # Changes of rows that are locked after people's streams and before pushes.
        self.before_pushes: list[Callable[[], object]] = []
        self.added_entries = False

    def has(self, right: Right) -> bool:
        """Whether the actor's role has a right."""
        direct = self.chat.kind == Chat.Kind.DIRECT
        return self.actor is not None and may(self.actor.role, right, direct=direct)

    def allow(self, right: Right) -> None:
        """Check a right. Raises Forbidden when the actor's role lacks it, NotContacts when the two
        people of a direct chat are no longer contacts, ChatClosed in a group that is closed."""
        if not self.has(right):
            raise Forbidden
        if right not in WITHOUT_CONTACT and not in_touch(self.chat):
            raise NotContacts
        if right not in WHEN_CLOSED and self.chat.closed_reason:
            raise ChatClosed

    def next_rev(self) -> int:
        """Increment the chat's revision and return it."""
        self.chat.rev += 1
        return self.chat.rev

    def entry(self, kind: str, *, about: UUID | None = None, text: str = "") -> None:
        """Add a system entry to the timeline, by the actor."""
        self.entries(kind, about=[about], text=text)

    def entries(self, kind: str, *, about: Sequence[UUID | None], text: str = "") -> None:
        """Add one system entry per person in `about`, in a constant number of statements."""
        if self.actor_id is None:
            raise ValueError("An entry needs an actor.")
        chat = self.chat
        first = chat.last_seq + 1
        chat.last_seq += len(about)
        chat.active_at = self.now
        self.added_entries = True
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
        self.publish_messages(range(first, chat.last_seq + 1))

    def message(self, seq: int) -> Message:
        """A text message that is not deleted. Raises NotFound."""
        found = Message.objects.filter(
            chat_id=self.chat.id, seq=seq, kind="text", deleted_at=None
        ).first()
        if found is None:
            raise NotFound
        return found

    def change_message(self, seq: int, **fields: object) -> None:
        """Write fields of a message under the next revision and publish the message."""
        Message.objects.filter(pk=(self.chat.id, seq)).update(rev=self.next_rev(), **fields)
        self.publish_messages([seq])

    def change_content(self, seq: int, **fields: object) -> None:
        """As `change_message`, for a change of the content: what the message says, or whether it
        is shown."""
        self.change_message(seq, content_rev=self.chat.rev + 1, **fields)

    def empty_message(self, seq: int, **fields: object) -> None:
        """As `change_content`, for a message whose content these fields take away."""
        self.change_content(seq, **fields)
        self._forget_copies(seq)
        self.rewritten[seq] = None

    def empty_entry(self, seq: int) -> None:
        """Take away the text of a system entry."""
        self.change_message(seq, text="")
        self._forget_copies(seq)

    def _forget_copies(self, seq: int) -> None:
        self.before_pushes.append(partial(forget_copies, self.chat.id, seq, seq + 1))

    def rewrite_message(self, seq: int, **fields: object) -> None:
        """As `change_content`, for a message whose text these fields change."""
        self.change_content(seq, **fields)
        later = Message.objects.filter(chat_id=self.chat.id, seq__gt=seq, deleted_at=None)
        self.rewritten[seq] = later.filter(kind="text").aggregate(next=Min("seq"))["next"]

    def publish_messages(self, seqs: Iterable[int]) -> None:
        """Publish messages, each of which was just written under its own revision."""
        where = "WHERE m.chat_id = %(chat)s AND m.seq = ANY(%(seqs)s) ORDER BY m.rev"
        bodies = message_rows.select(where, {"chat": self.chat.id, "seqs": list(seqs)})
        publish(publication(self.chat.id, b, rev=b.rev, follows=b.rev - 1) for b in bodies)

    def publish_head(self) -> None:
        """Publish what all members see of the chat itself, under a new revision."""
        chat = self.chat
        rev = chat.head_rev = self.next_rev()
        head = changes.head_of(chat)
        publish([publication(chat.id, head, rev=rev, follows=rev - 1)])

    def publish_members(self, revs: Mapping[UUID, int]) -> None:
        """Publish members, each under the revision that was just stored in their row."""
        bodies = members.by_ids(self.chat.id, revs)
        publish(
            publication(self.chat.id, bodies[person], rev=rev, follows=rev - 1)
            for person, rev in revs.items()
        )


@contextmanager
def changing(user_id: UUID, chat_id: UUID, right: Right) -> Iterator[ChatChange]:
    """Lock a chat of the person and change it in the block.

    Raises NotFound, and what `allow` raises when the person lacks `right`.
    """
    with transaction.atomic():
        now = lock_chat(chat_id)
        actor = get_membership(user_id, chat_id)
        change = ChatChange(actor.chat, actor, actor_id=user_id, now=now)
        change.allow(right)
        yield change
        finish([change])


@contextmanager
def changing_without_membership(user_id: UUID | None, chat_id: UUID) -> Iterator[ChatChange]:
    """As `changing`, for an actor who need not be a member. The caller checks the right. Without an
    actor, nothing is added to the timeline."""
    with transaction.atomic():
        now = lock_chat(chat_id)
        change = ChatChange(Chat.objects.get(id=chat_id), None, actor_id=user_id, now=now)
        yield change
        finish([change])


def finish(done: Sequence[ChatChange]) -> None:
    """Write the numbers of the changed chats, then publish them to people's own streams.

    Members are written before streams are locked, and streams before pushes: see docs/locks.md.
    """
    for change in done:
        _write_heads(change)
    recipients = {
        person for change in done for person in (*change.chat_changed_for, *change.chat_left_by)
    }
    if recipients and len(done) > 1:
        # A person may be concerned by several chats: lock all streams first, in id order.
        streams.lock(recipients)
    for change in done:
        _publish_to_people(change)
    for change in done:
        for step in change.before_pushes:
            step()
    read_up_to(
        {
            (person, change.chat.id): change.chat.last_seq
            for change in done
            for person in change.read_by
        }
    )
    for change in done:
        _renew_notifications(change)


def _renew_notifications(change: ChatChange) -> None:
    if not change.rewritten:
        return
    of_chat = Member.objects.filter(chat_id=change.chat.id, left_rev=None)
    people = list(of_chat.order_by("user_id").values_list("user_id", flat=True))
    renew_shown(people, change.chat.id, change.rewritten)


def _write_heads(change: ChatChange) -> None:
    chat = change.chat
    chat.save(update_fields=HEAD_FIELDS)
    if change.added_entries and change.actor_id is not None:
        # As with sending: adding an entry marks the chat as read.
        Member.objects.filter(pk=(chat.id, change.actor_id)).update(
            read_seq=chat.last_seq, delivered_seq=chat.last_seq, marked_unread=False
        )
        change.read_by.add(change.actor_id)


def _publish_to_people(change: ChatChange) -> None:
    recipients = {*change.chat_changed_for, *change.chat_left_by}
    if not recipients:
        return
    chat_id = change.chat.id
    revs = streams.advance(recipients)
    with connection.cursor() as cursor:
        cursor.execute(SET_PERSON_REVS, [list(revs), list(revs.values()), chat_id])
    seen = chat_list.as_seen_by(change.chat_changed_for, chat_id)
    publish(own_changes.chat_changed(person, revs[person], body) for person, body in seen.items())
    publish(own_changes.chat_left(person, revs[person], chat_id) for person in change.chat_left_by)
