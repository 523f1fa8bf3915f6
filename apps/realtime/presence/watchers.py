"""Tells connections about the presence of the people they watch: their contacts."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import Error

from apps.core.database import database_outages
from apps.realtime.background import BackgroundTasks
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.gathered_reads import GatheredReads
from apps.realtime.presence import last_seen
from apps.realtime.presence.connected import state
from apps.realtime.presence.store import PresenceCount, PresenceStore
from apps.realtime.relay import Relay
from apps.realtime.subscriptions import Subscriptions
from apps.wire import bodies, events

RESUMING_RETRY_S = 0.5
# People who are looked up together for those who begin to watch them.
MAX_LOOKED_UP_TOGETHER = 2_000
# Lookups wait for others while Redis hangs. A resume goes on without the presence that it would
# send; the lookup sends it later.
LOOKUP_TIMEOUT_S = 2.0


class Watchers:
    """Which connections watch whom, and the last known presence of each watched person."""

    def __init__(
        self, relay: Relay, store: PresenceStore, own_count: Callable[[UUID], PresenceCount]
    ) -> None:
        self._relay = relay
        self._store = store
        self._own_count = own_count
        self._watchers: dict[UUID, set[Connection]] = {}
        self._known: dict[UUID, bodies.Presence] = {}
        # People whose presence changed while a connection was busy.
        self._late: dict[Connection, set[UUID]] = {}
        # Two at once: one person may have thousands of contacts.
        self._lookups = GatheredReads(self._look_up, who=lambda _: None, at_once=2)
        self._requests: asyncio.Queue[tuple[Connection, UUID, bool]] = asyncio.Queue()
        # Subscriptions to the presence of watched people, as other processes announce it.
        self._subscriptions = Subscriptions(self._watchers.__contains__)
        self.tasks = BackgroundTasks()

    async def watch(self, connection: Connection, people: Iterable[UUID]) -> None:
        """Send `connection` the presence of these people, now and whenever it changes."""
        people = [person for person in people if person not in connection.watched]
        connection.watched.update(people)
        new = [person for person in people if person not in self._watchers]
        for person in new:
            self._watchers[person] = set()
            self._subscriptions.mark("presence", person)
        if new:
            # Others may need this lookup, so it is not cancelled with this caller.
            lookup = self.tasks.start(self._lookups.ask(new))
            await asyncio.wait([lookup], timeout=LOOKUP_TIMEOUT_S)
        if connection.outgoing.closed:
            return
        # Some may have been unwatched during the await, or forgotten because nobody watched them.
        people = [person for person in people if person in connection.watched]
        if forgotten := [person for person in people if person not in self._watchers]:
            for person in forgotten:
                self._subscriptions.mark("presence", person)
            self.tasks.start(self._lookups.ask(forgotten))
        for person in people:
            self._watchers.setdefault(person, set()).add(connection)
        known = [self._known[person] for person in people if person in self._known]
        if known:
            connection.send(events.PresenceChanged(people=known))

    def unwatch(self, connection: Connection, person: UUID) -> None:
        """Stop sending `connection` a person's presence. The last event shows them offline."""
        connection.watched.discard(person)
        self._discard(connection, person)
        gone = bodies.Presence(person=person, online=False, away=False, last_seen=None)
        connection.send(events.PresenceChanged(people=[gone]))

    def request(self, connection: Connection, person: UUID, on: bool) -> None:
        """Have `run_requests` begin or end the watching of a person."""
        self._requests.put_nowait((connection, person, on))

    def forget(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        for person in connection.watched:
            self._discard(connection, person)
        self._late.pop(connection, None)

    def update(self, presence: bodies.Presence) -> None:
        """Send a person's presence to those who watch them, if it is news."""
        watchers = self._watchers.get(presence.person)
        if watchers is None or self._known.get(presence.person) == presence:
            return
        self._known[presence.person] = presence
        for connection in watchers:
            if connection.outgoing.busy:
                # A slow connection gets the newest state later, if it still exists.
                self._late.setdefault(connection, set()).add(presence.person)
            else:
                connection.send(events.PresenceChanged(people=[presence]))

    def send_late(self) -> None:
        """Send connections the changes that they were too busy for."""
        late, self._late = self._late, {}
        for connection, people in late.items():
            known = [self._known[p] for p in people & connection.watched if p in self._known]
            if known:
                connection.send(events.PresenceChanged(people=known))

    async def refresh(self) -> None:
        """Forget people whom nobody watches any more, and look all others up in Redis."""
        for person in [person for person, watchers in self._watchers.items() if not watchers]:
            del self._watchers[person]
            self._known.pop(person, None)
            self._subscriptions.mark("presence", person)
        await self._refresh(list(self._watchers))

    async def run_subscriptions(self) -> None:
        """Stay subscribed to the watched people until shutdown."""
        await self._subscriptions.run(self._relay, self._subscribed)

    async def run_requests(self) -> None:
        """Begin and end watching as contacts come and go. Runs until shutdown."""
        loop = asyncio.get_running_loop()
        while True:
            connection, person, on = request = await self._requests.get()
            if connection.outgoing.closed:
                continue
            if connection.resuming:
                # The resume begins to watch the contacts of its last snapshot; wait for its end.
                loop.call_later(RESUMING_RETRY_S, self._requests.put_nowait, request)
            elif on:
                await self.watch(connection, [person])
            elif person in connection.watched:
                self.unwatch(connection, person)

    def _subscribed(self, people: list[UUID]) -> None:
        """Look newly subscribed people up once more, unless no other process could have announced a
        change."""
        if not self._relay.alone:
            self.tasks.start(self._refresh(people))

    async def _look_up(self, asked: Sequence[list[UUID]]) -> list[None]:
        """Read the presence of the people in the first of these lists, at least in one."""
        people: dict[UUID, None] = {}
        answers: list[None] = []
        for each in asked:
            if answers and len(people) + len(each) > MAX_LOOKED_UP_TOGETHER:
                break
            people |= dict.fromkeys(each)
            answers.append(None)
        await self._refresh(list(people))
        return answers

    def _discard(self, connection: Connection, person: UUID) -> None:
        watchers = self._watchers.get(person)
        if watchers is not None:
            watchers.discard(connection)

    async def _refresh(self, people: list[UUID]) -> None:
        """Read these people's presence from Redis and send what is news."""
        async for part, counts in self._store.count(people):
            # Without a count Redis is unavailable: known people stay as they were.
            asked = [person for person in part if person in counts or person not in self._known]
            states = {
                person: state(counts.get(person, PresenceCount()), self._own_count(person))
                for person in asked
            }
            changed = {
                person: new
                for person, new in states.items()
                if (known := self._known.get(person)) is None or (known.online, known.away) != new
            }
            await self._update_all(changed)

    async def _update_all(self, states: dict[UUID, tuple[bool, bool]]) -> None:
        times: dict[UUID, datetime | None] = {}
        if offline := [person for person, (online, _) in states.items() if not online]:
            try:
                times = await in_database(last_seen.read, offline)
            except Error as error:
                # These people stay as they were; the next refresh finds them changed again.
                database_outages.failed(error)
                return
        for person, (online, away) in states.items():
            at = times.get(person)
            self.update(bodies.Presence(person=person, online=online, away=away, last_seen=at))
