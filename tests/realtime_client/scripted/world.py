"""People, chats and their events: the part of the script that a test writes."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from apps.wire import bodies, commands, events
from tests.realtime_client.scripted.chat import ScriptedChat, now

LIMITS = bodies.Limits(text_length=99_999, frame_bytes=1 << 20, file_bytes=100_000_000, files=10)
E = TypeVar("E", bound=events.Event)


class World:
    """People, chats, and the streams of people. Committing an event here does not send it."""

    def reset(self) -> None:
        """Forget everything between two tests."""
        self.epoch = uuid4()
        self.release = "r1"
        self.people: dict[UUID, bodies.Person] = {}
        self.chats: dict[UUID, ScriptedChat] = {}
        self.user_rev: dict[UUID, int] = {}
        self.opened = 0
        self.received: list[commands.Command] = []
        self.gets: list[str] = []
        self.sockets_refused = False
        self.down = False
        self.pages_fail = False
        # Faults: `times` returns how often an outgoing event is sent.
        self.times: Callable[[Any], int] = lambda event: 1
        self.on_send: Callable[[commands.Send], events.Event | None] = lambda command: None
        self.on_change: Callable[[commands.Command], events.Event | None] = lambda command: None
        self.on_resume: Callable[[commands.Resume], list[Any] | None] = lambda command: None
        self.before_page_leaves: Callable[[], None] | None = None
        # While holding, commands that change something in a chat get no reply.
        self.holding = False
        self.own_streams: dict[UUID, list[Any]] = {}
        self.drafts: dict[tuple[UUID, UUID], bodies.Draft] = {}

    def person(self, name: str) -> bodies.Person:
        """A new person."""
        person = bodies.Person(id=uuid4(), username=name.lower(), name=name)
        self.people[person.id] = person
        self.user_rev[person.id] = 0
        return person

    def direct_chat(self, one: bodies.Person, other: bodies.Person, *texts: str) -> ScriptedChat:
        """A direct chat, in which the other person has sent these texts."""
        chat = ScriptedChat([one, other])
        self.chats[chat.id] = chat
        for text in texts:
            chat.say(other, text)
        return chat

    def group(self, title: str, *people: bodies.Person) -> ScriptedChat:
        """A group, owned by the first of them."""
        chat = ScriptedChat(list(people), title)
        self.chats[chat.id] = chat
        return chat

    def heartbeat(self, of: bodies.Person, heads: dict[UUID, int]) -> events.Heartbeat:
        """A heartbeat with the heads of a person's streams."""
        return events.Heartbeat(time=now(), heads=heads, user_rev=self.user_rev[of.id])

    def position(
        self, chat: ScriptedChat, person: bodies.Person, *, delivered: int, read: int
    ) -> events.ReceiptMoved:
        """The positions of a member."""
        where = bodies.Position(person=person.id, read=read, delivered=delivered)
        return events.ReceiptMoved(chat=chat.id, position=where)

    def presence(self, person: bodies.Person, *, online: bool) -> events.PresenceChanged:
        """A person came online or went offline."""
        one = bodies.Presence(person=person.id, online=online, last_seen=now())
        return events.PresenceChanged(people=[one])

    def contact(self, of: bodies.Person, person: bodies.Person, state: Any) -> Any:
        """The state of a contact changed."""
        contact = bodies.Contact(person=person, state=state, since=now())
        return self._own(of, events.ContactChanged, contact=contact)

    def read(self, chat: ScriptedChat, reader: bodies.Person, seq: int) -> events.ReadMoved:
        """A person has read on another device."""
        chat.read[reader.id] = seq
        return self._own(reader, events.ReadMoved, chat=chat.id, read_seq=seq, marked_unread=False)

    def left(self, chat: ScriptedChat, person: bodies.Person) -> events.ChatLeft:
        """A person is no longer in a chat."""
        return self._own(person, events.ChatLeft, chat=chat.id)

    def joined(self, chat: ScriptedChat, person: bodies.Person) -> events.ChatChanged:
        """A person is in a chat (again), or changed its settings."""
        return self._own(person, events.ChatChanged, chat=chat.seen_by(person))

    def draft(
        self, chat: ScriptedChat, person: bodies.Person, text: str, reply_to: int | None = None
    ) -> events.DraftChanged:
        """A person typed a draft on another device."""
        self.drafts[person.id, chat.id] = bodies.Draft(chat=chat.id, text=text, reply_to=reply_to)
        return self._own(person, events.DraftChanged, chat=chat.id, text=text, reply_to=reply_to)

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
