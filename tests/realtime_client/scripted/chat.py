"""A chat of the scripted server: its entries, members and revisions."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from msgspec.structs import replace

from apps.wire import bodies, events

StreamEvent = events.MessageChanged | events.MemberChanged | events.TitleChanged


def now() -> datetime:
    """The time of an event."""
    return datetime.now(UTC)


@dataclass
class ScriptedChat:
    """A chat: a direct one of two people, or (with a title) a group, owned by the first of them."""

    people: list[bodies.Person]
    title: str = ""
    id: UUID = field(default_factory=uuid4)
    rev: int = 0
    kept_from: int = 1
    messages: list[bodies.Message] = field(default_factory=list)
    read: dict[UUID, int] = field(default_factory=dict)
    delivered: dict[UUID, int] = field(default_factory=dict)
    roles: dict[UUID, bodies.MemberRole] = field(default_factory=dict)
    former: list[bodies.Person] = field(default_factory=list)
    # The latest change of each member and of the title.
    changed: dict[UUID | None, StreamEvent] = field(default_factory=dict)

    def say(
        self,
        sender: bodies.Person,
        text: str,
        client_id: UUID | None = None,
        **more: Any,
    ) -> events.MessageChanged:
        """Commit an entry, once for each client id. `more`: its other fields. Returns its event."""
        for message in self.messages:
            if message.client_id == client_id:
                return events.MessageChanged(chat=self.id, rev=message.rev, message=message)
        self.rev += 1
        fields: dict[str, Any] = {"kind": "text", **more}
        if (answered := fields.get("reply_to")) is not None:
            fields["quote"] = self.quote(answered)
        message = bodies.Message(
            seq=len(self.messages) + 1,
            rev=self.rev,
            id=uuid4(),
            sender=sender.id,
            client_id=client_id or uuid4(),
            text=text,
            at=now(),
            **fields,
        )
        self.messages.append(message)
        self.read[sender.id] = message.seq
        return events.MessageChanged(chat=self.id, rev=self.rev, message=message)

    def quote(self, seq: int) -> bodies.Quote:
        """The beginning of an entry."""
        said = self.messages[seq - 1]
        return bodies.Quote(seq=seq, sender=said.sender, text=said.text, deleted=said.deleted)

    def change(self, seq: int, text: str | None = None, **fields: Any) -> events.MessageChanged:
        """Commit another text, or other fields, of an entry."""
        self.rev += 1
        if text is not None:
            fields |= {"text": text, "edited_at": now()}
        message = replace(self.messages[seq - 1], rev=self.rev, **fields)
        self.messages[seq - 1] = message
        return events.MessageChanged(chat=self.id, rev=self.rev, message=message)

    def react(self, seq: int, person: UUID, emoji: str, *, on: bool) -> events.MessageChanged:
        """Commit that a reaction is added or removed."""
        counts = {one.emoji: one.people for one in self.messages[seq - 1].reactions}
        people = [one for one in counts.get(emoji, []) if one != person]
        counts[emoji] = [*people, person] if on else people
        reactions = [
            bodies.ReactionCount(emoji=name, count=len(who), people=who)
            for name, who in counts.items()
            if who
        ]
        return self.change(seq, reactions=reactions)

    def member(
        self, person: bodies.Person, *, role: bodies.MemberRole = "member", left: bool = False
    ) -> events.MemberChanged:
        """Commit that a member joined, has another role, or left."""
        self.rev += 1
        if left:
            self.people.remove(person)
            self.former.append(person)
        elif person not in self.people:
            self.people.append(person)
        self.roles[person.id] = role
        body = bodies.Member(person=person, role=role, joined_at=now(), left=left)
        event = events.MemberChanged(chat=self.id, rev=self.rev, member=body)
        self.changed[person.id] = event
        return event

    def rename(self, title: str) -> events.TitleChanged:
        """Commit another title."""
        self.rev += 1
        self.title = title
        event = events.TitleChanged(chat=self.id, rev=self.rev, title=title)
        self.changed[None] = event
        return event

    def delete_before(self, seq: int) -> events.TitleChanged:
        """Commit that the entries before this one are deleted, as retention does."""
        self.rev += 1
        self.kept_from = seq
        event = events.TitleChanged(
            chat=self.id, rev=self.rev, title=self.title, kept_from=seq, kept_days=30
        )
        self.changed[None] = event
        return event

    def role(self, person: bodies.Person) -> bodies.MemberRole:
        """The role of a member: the first one is the owner."""
        first: bodies.MemberRole = "owner" if person == self.people[0] else "member"
        return self.roles.get(person.id, first)

    def members(self) -> list[bodies.Member]:
        """The members, and former ones."""
        return [
            bodies.Member(person=one, role=self.role(one), joined_at=now(), left=left)
            for people, left in ((self.people, False), (self.former, True))
            for one in people
            if not left or one not in self.people
        ]

    def seen_by(self, reader: bodies.Person) -> bodies.Chat:
        """The chat as one member sees it."""
        others = [person for person in self.people if person != reader]
        last = self.messages[-1] if self.messages else None
        senders = [one for one in self.people if last and one.id == last.sender]
        return bodies.Chat(
            id=self.id,
            kind="group" if self.title else "direct",
            title=self.title,
            person=None if self.title else others[0],
            rev=self.rev,
            last_seq=len(self.messages),
            last=last and summary(last),
            sender=senders[0] if senders else None,
            members=len(self.people),
            role=self.role(reader),
            active_at=last.at if last else now(),
            read_seq=self.read.get(reader.id, 0),
            kept_from=self.kept_from,
            marked_unread=False,
            pinned=False,
            archived=False,
            muted=False,
        )

    def since(self, rev: int) -> list[StreamEvent]:
        """The events since a revision, in rev order, each with the one it follows."""
        entries = [
            events.MessageChanged(chat=self.id, rev=message.rev, message=message)
            for message in self.messages
        ]
        found: list[StreamEvent] = []
        for event in sorted([*entries, *self.changed.values()], key=lambda one: one.rev):
            if event.rev > rev:
                found.append(replace(event, prev=rev))
                rev = event.rev
        return found


def summary(message: bodies.Message) -> bodies.Message:
    """A message as a chat list carries it."""
    text = message.text[:300]
    short = replace(message, text=text, reactions=[], previews=[])
    return short if short == message else replace(short, truncated=True)
