"""Who and what there is, and what happens to it: the part that a test writes."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from apps.wire import bodies, commands, events
from tests.realtime_client.room import Room, now

LIMITS = bodies.Limits(text_length=99_999, frame_bytes=1 << 20)
E = TypeVar("E", bound=events.Event)


class World:
    """People, rooms, and the streams of people; nothing is sent by being committed here."""

    def reset(self) -> None:
        """Forget everything between two tests."""
        self.epoch = uuid4()
        self.release = "r1"
        self.people: dict[UUID, bodies.Person] = {}
        self.rooms: dict[UUID, Room] = {}
        self.user_rev: dict[UUID, int] = {}
        self.opened = 0
        self.received: list[commands.Command] = []
        self.gets: list[str] = []
        self.sockets_refused = False
        self.down = False
        self.pages_fail = False
        # Faults: each takes an outgoing event and says how often it is sent.
        self.times: Callable[[Any], int] = lambda event: 1
        self.on_send: Callable[[commands.Send], events.Event | None] = lambda command: None
        self.on_change: Callable[[commands.Command], events.Event | None] = lambda command: None
        self.on_resume: Callable[[commands.Resume], list[Any] | None] = lambda command: None
        self.before_page_leaves: Callable[[], None] | None = None
        # While holding, commands that change something in a chat wait unanswered.
        self.holding = False
        self.own_streams: dict[UUID, list[Any]] = {}
        self.drafts: dict[tuple[UUID, UUID], bodies.Draft] = {}

    def person(self, name: str) -> bodies.Person:
        """Somebody new."""
        person = bodies.Person(id=uuid4(), username=name.lower(), name=name)
        self.people[person.id] = person
        self.user_rev[person.id] = 0
        return person

    def room(self, one: bodies.Person, other: bodies.Person, *texts: str) -> Room:
        """A chat of two, in which the other has said something."""
        room = Room([one, other])
        self.rooms[room.id] = room
        for text in texts:
            room.say(other, text)
        return room

    def group(self, title: str, *people: bodies.Person) -> Room:
        """A group, owned by the first of them."""
        room = Room(list(people), title)
        self.rooms[room.id] = room
        return room

    def heartbeat(self, of: bodies.Person, heads: dict[UUID, int]) -> events.Heartbeat:
        """Where a person's streams stand."""
        return events.Heartbeat(time=now(), heads=heads, user_rev=self.user_rev[of.id])

    def position(
        self, room: Room, person: bodies.Person, *, delivered: int, read: int
    ) -> events.ReceiptMoved:
        """How far a member has come."""
        where = bodies.Position(person=person.id, read=read, delivered=delivered)
        return events.ReceiptMoved(chat=room.id, position=where)

    def presence(self, person: bodies.Person, *, online: bool) -> events.PresenceChanged:
        """Somebody came or went."""
        one = bodies.Presence(person=person.id, online=online, last_seen=now())
        return events.PresenceChanged(people=[one])

    def contact(self, of: bodies.Person, person: bodies.Person, state: Any) -> Any:
        """A change of how somebody stands to a person."""
        contact = bodies.Contact(person=person, state=state, since=now())
        return self._own(of, events.ContactChanged, contact=contact)

    def read(self, room: Room, reader: bodies.Person, seq: int) -> events.ReadMoved:
        """Somebody has read on another device."""
        room.read[reader.id] = seq
        return self._own(reader, events.ReadMoved, chat=room.id, read_seq=seq, marked_unread=False)

    def left(self, room: Room, person: bodies.Person) -> events.ChatLeft:
        """Somebody is no longer in a chat."""
        return self._own(person, events.ChatLeft, chat=room.id)

    def joined(self, room: Room, person: bodies.Person) -> events.ChatChanged:
        """Somebody is in a chat (again), or has other marks on it."""
        return self._own(person, events.ChatChanged, chat=room.seen_by(person))

    def draft(
        self, room: Room, person: bodies.Person, text: str, reply_to: int | None = None
    ) -> events.DraftChanged:
        """Somebody has written on another device."""
        self.drafts[person.id, room.id] = bodies.Draft(chat=room.id, text=text, reply_to=reply_to)
        return self._own(person, events.DraftChanged, chat=room.id, text=text, reply_to=reply_to)

    def _own(self, person: bodies.Person, kind: type[E], **fields: Any) -> E:
        """Commit an event of a person's own stream."""
        self.user_rev[person.id] += 1
        event = kind(user_rev=self.user_rev[person.id], **fields)
        self.own_streams.setdefault(person.id, []).append(event)
        return event

    def _welcome(self, person: UUID) -> events.Welcome:
        return events.Welcome(
            epoch=self.epoch,
            me=self._me(person),
            time=now(),
            limits=LIMITS,
            release=self.release,
        )

    def _me(self, person: UUID) -> bodies.Me:
        public = self.people[person]
        return bodies.Me(
            id=person,
            username=public.username,
            name=public.name,
            about="",
            email="",
            locale="en",
            time_zone="UTC",
            version=1,
        )

    def _who(self, scope: Any) -> UUID | None:
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode()
        found = [part.strip()[7:] for part in cookies.split(";") if "person=" in part]
        person = UUID(found[0]) if found else None
        return person if person in self.people else None
