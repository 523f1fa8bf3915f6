"""Catching up one connection with one stream before it listens to it."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from apps.chats.queries import changes as chat_changes
from apps.chats.queries.access import get_membership
from apps.core.database import database_outages
from apps.core.errors import NotFound
from apps.core.reads import repeated_if_stale
from apps.realtime import change_feed
from apps.realtime.backoff import Backoff
from apps.realtime.connection import Connection
from apps.realtime.database import in_background_database, in_database
from apps.realtime.healer import unavailable
from apps.realtime.outgoing import batches
from apps.wire.codec import encode
from apps.wire.events import Event
from apps.wire.publish import Stream

if TYPE_CHECKING:
    from apps.realtime.hub import Hub

RETRY_AFTER_S = 1.0
RESUMING_RETRY_S = 0.05


class Request(NamedTuple):
    """A connection that must read a stream after `since` before it listens."""

    connection: Connection
    stream: Stream
    id: UUID
    since: int


class CatchUp:
    """A queue of connections that must catch up, and the background task that serves it."""

    def __init__(self, hub: "Hub", backoff: Backoff) -> None:
        self._hub = hub
        self._backoff = backoff
        self._queue: asyncio.Queue[Request] = asyncio.Queue()

    def request(self, connection: Connection, stream: Stream, id_: UUID, since: int) -> None:
        """Have `connection`, for which the hub holds the stream, read it after `since`."""
        self._queue.put_nowait(Request(connection, stream, id_, since))

    async def run(self) -> None:
        """Serve requests one after another. Runs until shutdown."""
        while True:
            request = await self._queue.get()
            try:
                await self._serve(request)
            except Exception as error:
                if unavailable(error):
                    database_outages.failed(error)
                    self._queue.put_nowait(request)
                    await asyncio.sleep(RETRY_AFTER_S)
                else:
                    # Until the retry, events are held; too many of them end the connection.
                    delay = self._backoff.fail(request.stream, request.id, error)
                    self._retry_after(delay, request)
            else:
                self._backoff.succeed(request.id)

    async def _serve(self, request: Request) -> None:
        connection, stream, id_, since = request
        if connection.outgoing.closed or self._hub.held(connection, id_) is None:
            return
        if connection.resuming:
            # The resume holds this stream too, for reads of its own.
            self._retry_after(RESUMING_RETRY_S, request)
        elif stream == "chat":
            await catch_up_chat(self._hub, connection, id_, since)
        else:
            await catch_up_person(self._hub, connection, since)

    def _retry_after(self, delay: float, request: Request) -> None:
        self._hub.loop.call_later(delay, self._queue.put_nowait, request)


async def catch_up_chat(hub: "Hub", connection: Connection, chat: UUID, since: int) -> None:
    """Send the events of one chat after `since`, then let the connection listen to it. A person
    who is not a member any more gets nothing."""
    if connection.outgoing.closed:
        return
    hub.hold(connection, "chat", [chat])
    held = hub.held(connection, chat)
    try:
        rev, found = await in_database(_read_chat, connection.person, chat, since)
    except NotFound:
        hub.leave(connection, chat)
        return
    if hub.held(connection, chat) is not held:
        return
    _send(connection, found)
    hub.join(connection, chat, rev)


async def catch_up_person(hub: "Hub", connection: Connection, since: int) -> None:
    """Send the events of the person's stream after `since`, apply their effects to the connection,
    then let it listen.

    A long stream is read in parts. Only the last part reaches the events that were held since it
    was asked for.
    """
    complete = False
    while not complete:
        if connection.outgoing.closed:
            return
        hub.hold(connection, "person", [connection.person])
        held = hub.held(connection, connection.person)
        found, since, complete = await in_background_database(
            change_feed.person_since, connection.person, since
        )
        if hub.held(connection, connection.person) is not held:
            return
        _send(connection, [item.event for item in found if item.event is not None])
        for item in found:
            if item.effect is not None:
                hub.apply_effect(connection, item.effect)
    hub.join(connection, connection.person, since)


def _send(connection: Connection, events: Iterable[Event]) -> None:
    for batch in batches([encode(event) for event in events]):
        connection.outgoing.add(batch)


@repeated_if_stale
def _read_chat(user_id: UUID, chat: UUID, since: int) -> tuple[int, list[Event]]:
    with change_feed.snapshot():
        rev = get_membership(user_id, chat).chat.rev
        missed = chat_changes.since({chat: since}).get(chat)
        return rev, [] if missed is None else change_feed.events_for(user_id, chat, missed)
