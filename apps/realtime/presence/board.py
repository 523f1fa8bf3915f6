"""Who is online or away: counted from live connections, kept in Redis for as long as they live.

A server process writes its own mark for each person connected to it and renews it; marks of a
process that died run out. The mark says whether the person is at any of their devices there.
Without Redis every process still knows its own people. PostgreSQL is told once, when the last
connection has ended.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error
from django.utils import timezone

from apps.accounts.models import User
from apps.core.database import database
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.hub import Hub
from apps.realtime.presence.store import PresenceCount, PresenceStore
from apps.realtime.relay import Relay, group_of
from apps.realtime.subscriptions import Subscriptions
from apps.wire import bodies, events

logger = logging.getLogger(__name__)

RENEW_INTERVAL_S = 15.0
# A reload or a change of network is no departure.
GRACE_S = 4.0


class Here:
    """A person's connections in this process, those that ended less than `GRACE_S` ago included."""

    __slots__ = ("connections", "others", "turn")

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        # What other processes said last: it stays when Redis says nothing.
        self.others = PresenceCount()
        # Counts the changes of `mark`: an answer that comes after the next change is out of date.
        self.turn = 0

    @property
    def mark(self) -> PresenceCount:
        """What this process says of the person."""
        active = any(not connection.away for connection in self.connections)
        return PresenceCount(int(bool(self.connections)), int(active))

    def learn(self, counted: PresenceCount) -> None:
        """Take note of all marks, this process's included."""
        own = self.mark
        self.others = PresenceCount(counted.processes - own.processes, counted.active - own.active)


class PresenceBoard:
    """The people connected here, and what is known of those whom they watch."""

    def __init__(self, hub: Hub, relay: Relay) -> None:
        self._hub = hub
        self._relay = relay
        self._here: dict[UUID, Here] = {}
        self._watchers: dict[UUID, set[Connection]] = {}
        self._known: dict[UUID, bodies.Presence] = {}
        self._marks = PresenceStore()
        self._late: dict[Connection, set[UUID]] = {}
        # Who left, and when, while PostgreSQL could not be told.
        self._left: dict[UUID, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Of those whose coming and going is to be heard of from other processes.
        self._subscriptions = Subscriptions(self._watchers.__contains__)
        relay.handle("presence", self._came)

    def arrive(self, connection: Connection) -> None:
        """A connection of a person has begun."""
        here = self._here.setdefault(connection.person, Here())
        before = here.mark
        here.connections.add(connection)
        self._changed(connection.person, here, before)

    def depart(self, connection: Connection) -> None:
        """A connection has ended; the person is offline when none comes back soon."""
        for person in connection.watched:
            self._unwatch(connection, person)
        self._late.pop(connection, None)
        self._hub.loop.call_later(GRACE_S, self._remove, connection)

    def move(self, connection: Connection, *, away: bool) -> None:
        """The person has left the device of this connection, or is back at it."""
        here = self._here.get(connection.person, Here())
        before = here.mark
        connection.away = away
        self._changed(connection.person, here, before)

    async def watch(self, connection: Connection, people: Iterable[UUID]) -> None:
        """Tell `connection` of these people's presence: how it is now, and whenever it changes."""
        people = [person for person in people if person not in connection.watched]
        connection.watched.update(people)
        new = [person for person in people if person not in self._watchers]
        for person in new:
            self._watchers[person] = set()
            self._subscriptions.mark("presence", person)
        await self._look(new)
        if connection.outgoing.closed:
            return
        # Some may have been unwatched meanwhile.
        people = [person for person in people if person in connection.watched]
        for person in people:
            self._watchers.setdefault(person, set()).add(connection)
        told = [self._known[person] for person in people if person in self._known]
        if told:
            connection.send(events.PresenceChanged(people=told))

    def unwatch(self, connection: Connection, person: UUID) -> None:
        """Stop telling `connection` of a person, beginning with their being there at all."""
        connection.watched.discard(person)
        self._unwatch(connection, person)
        gone = bodies.Presence(person=person, online=False, away=False, last_seen=None)
        connection.send(events.PresenceChanged(people=[gone]))

    async def subscribe(self) -> None:
        """Stay subscribed to those who are watched, for ever; look at each once more when the
        subscription stands."""
        await self._subscriptions.keep(self._relay, lambda people: self._do(self._look(people)))

    async def keep(self) -> None:
        """Renew this process's marks and look at everybody watched, for ever."""
        while True:
            await asyncio.sleep(RENEW_INTERVAL_S)
            self._tell_late()
            await self._renew()
            for person in [person for person, who in self._watchers.items() if not who]:
                del self._watchers[person]
                self._known.pop(person, None)
                self._subscriptions.mark("presence", person)
            await self._look(list(self._watchers))
            await self._save_last_seen()

    async def _renew(self) -> None:
        turns = {person: here.turn for person, here in self._here.items()}
        for person, counted in (await self._marks.put(list(turns), self._own)).items():
            here = self._here.get(person)
            # A change meanwhile asks for itself.
            if here is not None and here.turn == turns[person]:
                here.learn(counted)

    def _unwatch(self, connection: Connection, person: UUID) -> None:
        watchers = self._watchers.get(person)
        if watchers is not None:
            watchers.discard(connection)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _remove(self, connection: Connection) -> None:
        here = self._here.get(connection.person)
        if here is None:
            return
        before = here.mark
        here.connections.discard(connection)
        if not here.connections:
            del self._here[connection.person]
        self._changed(connection.person, here, before)

    def _changed(self, person: UUID, here: Here, before: PresenceCount) -> None:
        if here.mark != before:
            here.turn += 1
            self._do(self._mark(person, here, before, here.turn))

    async def _mark(self, person: UUID, here: Here, before: PresenceCount, turn: int) -> None:
        """Mark a change of a person's connections here, and tell it when others see a change."""
        found = await self._marks.put([person], self._own)
        if here.turn != turn or self._here.get(person, here) is not here:
            return
        if person in found:
            here.learn(found[person])
        if _state(before, here.others) != _state(here.mark, here.others):
            await self._settle(person, *_state(here.mark, here.others))

    async def _settle(self, person: UUID, online: bool, away: bool) -> None:
        seen = None if online else timezone.now()
        if seen is not None:
            self._left[person] = seen
        await self._announce(
            bodies.Presence(person=person, online=online, away=away, last_seen=seen)
        )
        await self._save_last_seen()

    async def _save_last_seen(self) -> None:
        """Write down when people left. What PostgreSQL does not take now is tried again later."""
        left = dict(self._left)
        if not left:
            return
        try:
            await in_database(_save_last_seen, left)
        except Error as error:
            database.failed(error)
            return
        for person, seen in left.items():
            if self._left.get(person) is seen:
                del self._left[person]

    async def _announce(self, presence: bodies.Presence) -> None:
        self._tell(presence)
        message = {
            "type": "presence",
            "person": str(presence.person),
            "online": presence.online,
            "away": presence.away,
            "last_seen": presence.last_seen.isoformat() if presence.last_seen else "",
        }
        try:
            await self._relay.publish(group_of("presence", presence.person), message)
        except Exception as error:  # the others look for themselves, every 15 s
            logger.debug("presence is not told: %r", error)

    def _came(self, message: dict[str, Any]) -> None:
        seen = message["last_seen"]
        self._tell(
            bodies.Presence(
                person=UUID(message["person"]),
                online=message["online"],
                away=message.get("away", False),
                last_seen=datetime.fromisoformat(seen) if seen else None,
            )
        )

    def _tell(self, presence: bodies.Presence) -> None:
        watchers = self._watchers.get(presence.person)
        if watchers is None or self._known.get(presence.person) == presence:
            return
        self._known[presence.person] = presence
        for connection in watchers:
            if connection.outgoing.busy:
                # Whoever is slow is told the newest later, if it still keeps the connection.
                self._late.setdefault(connection, set()).add(presence.person)
            else:
                connection.send(events.PresenceChanged(people=[presence]))

    def _tell_late(self) -> None:
        late, self._late = self._late, {}
        for connection, people in late.items():
            known = [self._known[p] for p in people & connection.watched if p in self._known]
            if known:
                connection.send(events.PresenceChanged(people=known))

    def _own(self, person: UUID) -> PresenceCount:
        here = self._here.get(person)
        return here.mark if here else PresenceCount()

    async def _look(self, people: list[UUID]) -> None:
        """Tell what Redis says of these people now, where it is news."""
        async for part, marks in self._marks.count(people):
            # Of the others nothing is known: Redis is away. They stay what they were.
            asked = [person for person in part if person in marks or person not in self._known]
            states = {
                person: _state(marks.get(person, PresenceCount()), self._own(person))
                for person in asked
            }
            changed = {
                person: state
                for person, state in states.items()
                if (known := self._known.get(person)) is None or (known.online, known.away) != state
            }
            await self._look_up(changed)

    async def _look_up(self, states: dict[UUID, tuple[bool, bool]]) -> None:
        seen: dict[UUID, datetime | None] = {}
        if offline := [person for person, (online, _) in states.items() if not online]:
            try:
                seen = await in_database(_last_seen, offline)
            except Error as error:
                # The next look finds them not told yet.
                database.failed(error)
                return
        for person, (online, away) in states.items():
            last = seen.get(person)
            self._tell(bodies.Presence(person=person, online=online, away=away, last_seen=last))


def _state(one: PresenceCount, other: PresenceCount) -> tuple[bool, bool]:
    """Whether a person is online, and whether away, counted in two places."""
    online = bool(one.processes or other.processes)
    return online, online and not (one.active or other.active)


def _last_seen(people: list[UUID]) -> dict[UUID, datetime | None]:
    return dict(User.objects.filter(id__in=people).values_list("id", "last_seen_at"))


def _save_last_seen(left: dict[UUID, datetime]) -> None:
    people = [User(id=person, last_seen_at=seen) for person, seen in left.items()]
    User.objects.bulk_update(people, ["last_seen_at"], batch_size=500)
