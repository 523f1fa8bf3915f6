"""Counts the connections of each person in this process, and keeps their entries in Redis."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from apps.realtime.background import BackgroundTasks
from apps.realtime.connection import Connection
from apps.realtime.presence.store import PresenceCount, PresenceStore
from apps.wire.bodies import Presence

# A reload or a change of network is no departure.
GRACE_S = 4.0
WRITE_INTERVAL_S = 0.02

OnChanges = Callable[[list[Presence]], Coroutine[Any, Any, None]]


class ConnectedPerson:
    """A person's connections in this process, and those that ended less than `GRACE_S` ago."""

    __slots__ = ("connections", "others", "version")

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        # The last known count of other processes: it stays while Redis is unavailable.
        self.others = PresenceCount()
        # Goes up with every change of `own`: an answer of Redis to an older version is out of date.
        self.version = 0

    @property
    def own(self) -> PresenceCount:
        """The count of this process alone."""
        active = any(not connection.away for connection in self.connections)
        return PresenceCount(int(bool(self.connections)), int(active))

    def set_total(self, total: PresenceCount) -> None:
        """Remember the count of all processes, this one included."""
        own = self.own
        self.others = PresenceCount(total.processes - own.processes, total.active - own.active)


class _Change(NamedTuple):
    """A person's count was `before`, and has changed with this version."""

    person: UUID
    connected: ConnectedPerson
    before: PresenceCount
    version: int


class ConnectedPeople:
    """The people connected to this process, by id. Without Redis it still knows its own people."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, store: PresenceStore, on_changes: OnChanges
    ) -> None:
        self._loop = loop
        self._store = store
        self._on_changes = on_changes
        self._people: dict[UUID, ConnectedPerson] = {}
        # Changes that Redis does not have yet. Those that come while others are being written are
        # written together.
        self._changes: list[_Change] = []
        self._writing = False
        self.tasks = BackgroundTasks()

    def __len__(self) -> int:
        return len(self._people)

    def count_of(self, person: UUID) -> PresenceCount:
        """The count of this process alone."""
        connected = self._people.get(person)
        return connected.own if connected else PresenceCount()

    def add(self, connection: Connection) -> None:
        """Count a new connection."""
        connected = self._people.setdefault(connection.person, ConnectedPerson())
        before = connected.own
        connected.connections.add(connection)
        self._changed(connection.person, connected, before)

    def remove(self, connection: Connection) -> None:
        """Stop counting an ended connection, after `GRACE_S`."""
        self._loop.call_later(GRACE_S, self._remove, connection)

    def set_away(self, connection: Connection, *, away: bool) -> None:
        """Note that the person has left the device of this connection, or is back at it."""
        connected = self._people.get(connection.person, ConnectedPerson())
        before = connected.own
        connection.away = away
        self._changed(connection.person, connected, before)

    async def renew(self) -> None:
        """Renew this process's entries in Redis before they expire."""
        versions = {person: connected.version for person, connected in self._people.items()}
        for person, total in (await self._store.update(list(versions), self.count_of)).items():
            connected = self._people.get(person)
            # A change during the await updates the entry itself.
            if connected is not None and connected.version == versions[person]:
                connected.set_total(total)

    def _remove(self, connection: Connection) -> None:
        connected = self._people.get(connection.person)
        if connected is None:
            return
        before = connected.own
        connected.connections.discard(connection)
        if not connected.connections:
            del self._people[connection.person]
        self._changed(connection.person, connected, before)

    def _changed(self, person: UUID, connected: ConnectedPerson, before: PresenceCount) -> None:
        if connected.own != before:
            connected.version += 1
            self._changes.append(_Change(person, connected, before, connected.version))
            if not self._writing:
                self._writing = True
                self.tasks.start(self._write())

    async def _write(self) -> None:
        """Write the entries of people whose count has changed, and announce the changes that
        others see."""
        try:
            while self._changes:
                changes, self._changes = self._changes, []
                people = list({change.person for change in changes})
                found = await self._store.update(people, self.count_of)
                seen = [self._written(change, found.get(change.person)) for change in changes]
                if news := [presence for presence in seen if presence is not None]:
                    self.tasks.start(self._on_changes(news))
                # Those who arrive one after the other are written together, too.
                await asyncio.sleep(WRITE_INTERVAL_S)
        finally:
            self._writing = False

    def _written(self, change: _Change, total: PresenceCount | None) -> Presence | None:
        """Remember the count of all processes. Returns the new presence if others see a change."""
        person, connected, before, version = change
        if connected.version != version or self._people.get(person, connected) is not connected:
            return None
        if total is not None:
            connected.set_total(total)
        old, new = state(before, connected.others), state(connected.own, connected.others)
        return None if old == new else _presence(person, *new)


def state(one: PresenceCount, other: PresenceCount) -> tuple[bool, bool]:
    """Whether a person is online, and whether away, from the counts of two sources."""
    online = bool(one.processes or other.processes)
    return online, online and not (one.active or other.active)


def _presence(person: UUID, online: bool, away: bool) -> Presence:
    last_seen: datetime | None = None if online else timezone.now()
    return Presence(person=person, online=online, away=away, last_seen=last_seen)
