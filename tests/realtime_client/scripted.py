"""A server that speaks the protocol exactly as a test tells it to, faults included.

It decodes commands with the product's own strict types and encodes the product's own events, so it
cannot drift from the wire. What it is for: answers lost after the commit, frames sent twice, gaps,
resets. What the real server does is tested against the real server.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import uvicorn

from apps.wire import bodies, commands, events
from apps.wire.codec import decode, encode
from tests.realtime_client.room import Room, now
from tests.support.ports import free_port

__all__ = ["Room", "ScriptedServer", "now"]

STATIC = Path(__file__).parents[2] / "static"
LIMITS = bodies.Limits(text_length=99_999, frame_bytes=1 << 20)
PAGE = """<!doctype html><title>client</title>
<body data-person="{person}" data-release="{release}" data-csrf="token of {person}">"""


@dataclass
class Socket:
    """One accepted connection."""

    person: UUID
    send: Callable[[Any], Any]
    open: bool = True


C = TypeVar("C", bound=commands.Command)
E = TypeVar("E", bound=events.Event)
# Commands that are kept waiting while a test holds them.
HELD = (commands.Send, commands.React, commands.Unreact)


class Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._ready.set()


class ScriptedServer:
    """Static files, the socket and the few API paths a client needs, on one port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.reset()
        config = uvicorn.Config(
            self.app,
            port=self.port,
            interface="asgi3",
            log_level="warning",
            ws="websockets-sansio",
            lifespan="off",
        )
        self._ready = threading.Event()
        self._server = Announcing(config, self._ready)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.loop: asyncio.AbstractEventLoop

    def reset(self) -> None:
        """Forget everything between two tests."""
        self.epoch = uuid4()
        self.release = "r1"
        self.people: dict[UUID, bodies.Person] = {}
        self.rooms: dict[UUID, Room] = {}
        self.user_rev: dict[UUID, int] = {}
        self.sockets: list[Socket] = []
        self.opened = 0
        self.received: list[commands.Command] = []
        self.posted: list[dict[str, str]] = []
        self.gets: list[str] = []
        self.sockets_refused = False
        self.down = False
        # Faults: each takes an outgoing event and says how often it is sent.
        self.times: Callable[[Any], int] = lambda event: 1
        self.on_send: Callable[[commands.Send], events.Event | None] = lambda command: None
        self.on_change: Callable[[commands.Command], events.Event | None] = lambda command: None
        self.on_resume: Callable[[commands.Resume], list[Any] | None] = lambda command: None
        self.before_page_leaves: Callable[[], None] | None = None
        # While holding, commands that change something in a chat wait unanswered.
        self.holding = False
        self._held: list[tuple[Socket, commands.Command]] = []
        self.own_streams: dict[UUID, list[Any]] = {}
        self.drafts: dict[tuple[UUID, UUID], bodies.Draft] = {}

    # --- what tests do ---

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

    def emit(self, to: bodies.Person, *sent: events.Event) -> None:
        """Send events to every connection of a person, in one frame."""
        asyncio.run_coroutine_threadsafe(self._emit(to.id, list(sent)), self.loop).result(5)

    def raw(self, to: bodies.Person, frame: Any) -> None:
        """Send any JSON as a frame."""
        asyncio.run_coroutine_threadsafe(self._raw(to.id, json.dumps(frame)), self.loop).result(5)

    def cut(self, code: int = 1001) -> None:
        """Close all connections."""
        asyncio.run_coroutine_threadsafe(self._cut(code), self.loop).result(5)

    def asked(self, kind: type[C]) -> list[C]:
        """The commands of a type received so far."""
        return [one for one in self.received if isinstance(one, kind)]

    def sends(self) -> list[commands.Send]:
        """The `send` commands received so far."""
        return self.asked(commands.Send)

    def reported(self, chat: UUID) -> list[tuple[int | None, int | None]]:
        """The (delivered, read) pairs received for a chat, in order."""
        return [
            (position.delivered, position.read)
            for one in self.received
            if isinstance(one, commands.Receipts)
            for position in one.positions
            if position.chat == chat
        ]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something has reached the server."""
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.01)

    def release_held(self) -> None:
        """Answer the sends that were held."""
        self.holding = False
        held, self._held = self._held, []
        for socket, command in held:
            answer = self._answer(socket, command)
            asyncio.run_coroutine_threadsafe(answer, self.loop).result(5)

    def pages(self) -> list[str]:
        """The pages of history asked for so far."""
        return [one for one in self.gets if "/messages?" in one]

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

    @contextmanager
    def running(self) -> Iterator["ScriptedServer"]:
        """Serve until the block ends."""
        self._thread.start()
        assert self._ready.wait(10)
        yield self
        self._server.should_exit = True
        self._thread.join(10)

    # --- serving ---

    def _run(self) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(main())

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        person = self._who(scope)
        if self.sockets_refused or self.down or person is None:
            await send({"type": "websocket.close", "code": 4403})
            return
        await send({"type": "websocket.accept"})
        self.opened += 1
        socket = Socket(person, send)
        self.sockets.append(socket)
        await self._write(socket, [self._welcome(person)])
        while (message := await receive())["type"] == "websocket.receive":
            command = decode(message["text"])
            self.received.append(command)
            await self._answer(socket, command)
        socket.open = False

    async def _answer(self, socket: Socket, command: commands.Command) -> None:
        reader = self.people[socket.person]
        ack = events.Ack(ref=command.ref)
        if isinstance(command, commands.Resume):
            answer = self.on_resume(command)
            found = self._missed(reader, command) if answer is None else answer
            await self._write(socket, [*found, events.Synced(), ack])
        elif isinstance(command, HELD) and self.holding:
            self._held.append((socket, command))
        elif isinstance(command, commands.Send):
            refusal = self.on_send(command)
            if refusal is not None:
                await self._write(socket, [refusal])
                return
            room = self.rooms[command.chat]
            more = {"reply_to": command.reply_to} if command.reply_to is not None else {}
            event = room.say(reader, command.text, command.client_id, **more)
            place = event.message
            fields = {"chat": room.id, "seq": place.seq, "rev": place.rev, "at": place.at}
            await self._write(socket, [events.Ack(ref=command.ref, id=place.id, **fields)])
            await self._tell(room, event)
        elif (refused := self.on_change(command)) is not None:
            await self._write(socket, [refused])
        else:
            await self._write(socket, [ack])
            await self._carry_out(reader, command)

    async def _carry_out(self, reader: bodies.Person, command: commands.Command) -> None:
        if isinstance(command, commands.SaveDraft):
            event = self.draft(self.rooms[command.chat], reader, command.text, command.reply_to)
            await self._emit(reader.id, [event])
        elif isinstance(command, commands.React | commands.Unreact):
            on = isinstance(command, commands.React)
            room = self.rooms[command.chat]
            await self._tell(room, room.react(command.seq, reader.id, command.emoji, on=on))
        elif isinstance(command, commands.Save | commands.Unsave):
            kept = self._own(
                reader,
                events.SavedChanged,
                chat=command.chat,
                seq=command.seq,
                saved=isinstance(command, commands.Save),
            )
            await self._emit(reader.id, [kept])

    async def _tell(self, room: Room, event: events.Event) -> None:
        for person in room.people:
            await self._emit(person.id, [event])

    def _missed(self, reader: bodies.Person, command: commands.Resume) -> list[events.Event]:
        mine = [room for room in self.rooms.values() if reader in room.people]
        if command.epoch != self.epoch:
            reset = [events.Reset(reason="unknown_epoch")] if command.epoch else []
            contacts = [
                bodies.Contact(person=person, state="contact", since=now())
                for person in self.people.values()
                if person != reader
            ]
            snapshot = events.Snapshot(
                user_rev=self.user_rev[reader.id],
                me=self._me(reader.id),
                contacts=contacts,
                drafts=[draft for (who, _), draft in self.drafts.items() if who == reader.id],
            )
            chats = events.Chats(chats=[room.seen_by(reader) for room in mine])
            return [*reset, snapshot, chats]
        new = [room.seen_by(reader) for room in mine if room.id not in command.chats]
        own = self.own_streams.get(reader.id, [])
        found: list[events.Event] = [one for one in own if one.user_rev > command.user]
        found += [events.Chats(chats=new)] if new else []
        for room in mine:
            if room.id in command.chats:
                found += room.since(command.chats[room.id])
        return found

    async def _emit(self, person: UUID, sent: list[events.Event]) -> None:
        for socket in self.sockets:
            if socket.person == person and socket.open:
                await self._write(socket, sent)

    async def _raw(self, person: UUID, frame: str) -> None:
        for socket in self.sockets:
            if socket.person == person and socket.open:
                await socket.send({"type": "websocket.send", "text": frame})

    async def _write(self, socket: Socket, sent: list[events.Event]) -> None:
        encoded = [encode(event) for event in sent for _ in range(self.times(event))]
        if encoded:
            frame = encoded[0] if len(encoded) == 1 else f"[{','.join(encoded)}]"
            await socket.send({"type": "websocket.send", "text": frame})

    async def _cut(self, code: int) -> None:
        for socket in self.sockets:
            if socket.open:
                socket.open = False
                with suppress(Exception):
                    await socket.send({"type": "websocket.close", "code": code})

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

    async def _http(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        kind, status, content = "application/json", 200, b"{}"
        if path.startswith("/static/"):
            # /static/<release>/...: two releases are two addresses of the same files.
            file = STATIC / path.removeprefix("/static/").split("/", 1)[1]
            kind, content = "text/javascript", file.read_bytes()
        elif path.startswith("/page/"):
            person, release = path.removeprefix("/page/").split("/")
            kind = "text/html"
            content = PAGE.format(person=person, release=release).encode()
        elif self.down:
            status = 503
        else:
            status, answer = self._api(scope, body)
            if self.before_page_leaves and scope["path"].endswith("/messages"):
                meanwhile, self.before_page_leaves = self.before_page_leaves, None
                await asyncio.to_thread(meanwhile)
                # The socket's frame is on its way first; the answer follows it.
                await asyncio.sleep(0.2)
            content = answer.encode()
        headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def _api(self, scope: Any, body: bytes) -> tuple[int, str]:
        parts = scope["path"].removeprefix("/api/v1/").split("/")
        person = self._who(scope)
        if person is None:
            return 401, '{"code": "signed_out"}'
        token = dict(scope["headers"]).get(b"x-csrftoken", b"").decode()
        if scope["method"] == "POST" and token != f"token of {person}":
            return 403, '{"code": "forbidden"}'
        if parts == ["me"]:
            return 200, encode(self._me(person))
        if parts[0] != "chats":
            return 404, '{"code": "not_found"}'
        room = self.rooms.get(UUID(parts[1]))
        if room is None or person not in {one.id for one in room.people}:
            return 404, '{"code": "not_found"}'
        if scope["method"] == "POST":
            given = json.loads(body)
            self.posted.append(given)
            event = room.say(self.people[person], given["text"], UUID(given["client_id"]))
            return 201, encode(event.message)
        query = scope["query_string"].decode()
        self.gets.append(f"{scope['path']}?{query}")
        return 200, self._of_room(room, person, parts[2:], query)

    def _of_room(self, room: Room, reader: UUID, parts: list[str], query: str) -> str:
        if parts == ["messages"]:
            return self._page(room, parse_qs(query))
        if parts[:1] == ["messages"]:
            return encode(room.messages[int(parts[1]) - 1])
        if parts == ["members"]:
            here, gone = (
                ",".join(encode(one) for one in room.members() if one.left is left)
                for left in (False, True)
            )
            return f'{{"items": [{here}], "former": [{gone}]}}'
        if parts == ["positions"]:
            items = [
                bodies.Position(
                    person=one.id,
                    read=room.read.get(one.id, 0),
                    delivered=room.delivered.get(one.id, 0),
                )
                for one in room.people
            ]
            return f'{{"items": [{",".join(map(encode, items))}]}}'
        return encode(room.seen_by(self.people[reader]))

    def _page(self, room: Room, query: dict[str, list[str]]) -> str:
        limit = int(query["limit"][0])
        found = room.messages
        if "before" in query:
            found = [m for m in found if m.seq < int(query["before"][0])][-limit:]
        elif "after" in query:
            found = [m for m in found if m.seq > int(query["after"][0])][:limit]
        elif "around" in query:
            first = max(0, int(query["around"][0]) - limit // 2)
            found = found[first : first + limit]
        elif "on" in query:
            day = query["on"][0]
            index = next(
                (i for i, m in enumerate(found) if m.at.date().isoformat() >= day), len(found)
            )
            found = found[max(0, index - limit // 2) :][:limit]
        else:
            found = found[-limit:]
        items = ",".join(map(encode, found))
        return f'{{"items": [{items}], "last_seq": {len(room.messages)}, "rev": {room.rev}}}'
