"""The connections: commands in, events out."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.wire import bodies, commands, events
from apps.wire.codec import decode, encode
from tests.realtime_client.scripted.chat import ScriptedChat, now
from tests.realtime_client.scripted.world import World

# Commands without a reply while a test holds them.
HELD = (commands.Send, commands.React, commands.Unreact)


@dataclass
class Socket:
    """One accepted connection."""

    person: UUID
    send: Callable[[Any], Any]
    open: bool = True


class Sockets(World):
    """All connections, on the server's own loop."""

    loop: asyncio.AbstractEventLoop

    def reset(self) -> None:
        """Forget everything between two tests."""
        super().reset()
        self.sockets: list[Socket] = []
        self._held: list[tuple[Socket, commands.Command]] = []

    def emit(self, to: bodies.Person, *sent: events.Event) -> None:
        """Send events to every connection of a person, in one frame."""
        asyncio.run_coroutine_threadsafe(self._emit(to.id, list(sent)), self.loop).result(5)

    def raw(self, to: bodies.Person, frame: Any) -> None:
        """Send any JSON as a frame."""
        asyncio.run_coroutine_threadsafe(self._raw(to.id, json.dumps(frame)), self.loop).result(5)

    def cut(self, code: int = 1001) -> None:
        """Close all connections."""
        asyncio.run_coroutine_threadsafe(self._cut(code), self.loop).result(5)

    def release_held(self) -> None:
        """Reply to the commands that were held."""
        self.holding = False
        held, self._held = self._held, []
        for socket, command in held:
            answer = self._answer(socket, command)
            asyncio.run_coroutine_threadsafe(answer, self.loop).result(5)

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
            chat = self.chats[command.chat]
            more = {"reply_to": command.reply_to} if command.reply_to is not None else {}
            event = chat.say(reader, command.text, command.client_id, **more)
            place = event.message
            fields = {"chat": chat.id, "seq": place.seq, "rev": place.rev, "at": place.at}
            await self._write(socket, [events.Ack(ref=command.ref, id=place.id, **fields)])
            await self._tell(chat, event)
        elif (refused := self.on_change(command)) is not None:
            await self._write(socket, [refused])
        else:
            await self._write(socket, [ack])
            await self._carry_out(reader, command)

    async def _carry_out(self, reader: bodies.Person, command: commands.Command) -> None:
        if isinstance(command, commands.SaveDraft):
            event = self.draft(self.chats[command.chat], reader, command.text, command.reply_to)
            await self._emit(reader.id, [event])
        elif isinstance(command, commands.React | commands.Unreact):
            on = isinstance(command, commands.React)
            chat = self.chats[command.chat]
            await self._tell(chat, chat.react(command.seq, reader.id, command.emoji, on=on))
        elif isinstance(command, commands.Save | commands.Unsave):
            kept = self._own(
                reader,
                events.SavedChanged,
                chat=command.chat,
                seq=command.seq,
                saved=isinstance(command, commands.Save),
            )
            await self._emit(reader.id, [kept])

    async def _tell(self, chat: ScriptedChat, event: events.Event) -> None:
        for person in chat.people:
            await self._emit(person.id, [event])

    def _missed(self, reader: bodies.Person, command: commands.Resume) -> list[events.Event]:
        mine = [chat for chat in self.chats.values() if reader in chat.people]
        if command.epoch != self.epoch:
            reset = [events.Reset(reason="unknown_epoch")] if command.epoch else []
            return [*reset, *self.snapshot(reader)]
        new = [chat.seen_by(reader) for chat in mine if chat.id not in command.chats]
        own = self.own_streams.get(reader.id, [])
        found: list[events.Event] = [one for one in own if one.user_rev > command.user]
        found += [events.Chats(chats=new)] if new else []
        for chat in mine:
            if chat.id in command.chats:
                found += chat.since(command.chats[chat.id])
        return found

    def snapshot(self, reader: bodies.Person) -> list[events.Event]:
        """Everything, for a client that holds nothing."""
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
        mine = [chat for chat in self.chats.values() if reader in chat.people]
        return [snapshot, events.Chats(chats=[chat.seen_by(reader) for chat in mine])]

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
