"""Who is online or away: counted from live connections, kept in Redis for as long as they live.

A server process writes its own mark for each person connected to it and renews it; marks of a
process that died run out. The mark says whether the person is at any of their devices there.
Without Redis every process still knows its own people. PostgreSQL is told once, when the last
connection has ended.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import Error
from django.utils import timezone

from apps.accounts.models import User
from apps.core.database import refusal_of
from apps.realtime.database import in_database
from apps.realtime.hub import Hub
from apps.realtime.marks import Counted, Marks
from apps.realtime.relay import Relay, group_of
from apps.realtime.session import Session
from apps.wire import bodies, events

logger = logging.getLogger(__name__)

RENEW_EVERY = 15.0
# A reload or a change of network is no departure.
GRACE = 4.0


class Here:
    """A person's connections in this process, those that have just ended included."""

    __slots__ = ("active", "connections", "turn")

    def __init__(self) -> None:
        self.connections = 0
        self.active = 0
        # Counts what happened: an answer that comes after the next happening is out of date.
        self.turn = 0

    @property
    def mark(self) -> Counted:
        """What this process says of the person."""
        return Counted(int(self.connections > 0), int(self.active > 0))


class PresenceBoard:
    """The people connected here, and what is known of those whom they watch."""

    def __init__(self, hub: Hub, relay: Relay) -> None:
        self._hub = hub
        self._relay = relay
        self._here: defaultdict[UUID, Here] = defaultdict(Here)
        self._watchers: dict[UUID, set[Session]] = {}
        self._known: dict[UUID, bodies.Presence] = {}
        self._marks = Marks()
        self._late: dict[Session, set[UUID]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # Whose coming and going is to be heard of from other processes.
        self._opened: asyncio.Queue[UUID] = asyncio.Queue()
        relay.handle("presence", self._came)

    async def arrive(self, session: Session) -> None:
        """A connection of a person has begun."""
        await self._count_in(session.person, connections=1, active=0 if session.away else 1)

    def depart(self, session: Session) -> None:
        """A connection has ended; the person is offline when none comes back soon."""
        for person in session.watched:
            self._unwatch(session, person)
        self._late.pop(session, None)
        self._do(self._depart(session.person, away=session.away))

    def move(self, session: Session, *, away: bool) -> None:
        """The person has left the device of this connection, or is back at it."""
        if session.away != away:
            session.away = away
            self._do(self._count_in(session.person, active=-1 if away else 1))

    async def watch(self, session: Session, people: Iterable[UUID]) -> None:
        """Tell `session` of these people's presence: how it is now, and whenever it changes."""
        people = [person for person in people if person not in session.watched]
        session.watched.update(people)
        new = [person for person in people if person not in self._watchers]
        for person in new:
            self._watchers[person] = set()
            self._opened.put_nowait(person)
        if new:
            await self._look(new)
        for person in people:
            self._watchers.setdefault(person, set()).add(session)
        told = [self._known[person] for person in people if person in self._known]
        if told:
            session.send(events.PresenceChanged(people=told))

    def unwatch(self, session: Session, person: UUID) -> None:
        """Stop telling `session` of a person, beginning with their being there at all."""
        session.watched.discard(person)
        self._unwatch(session, person)
        gone = bodies.Presence(person=person, online=False, away=False, last_seen=None)
        session.send(events.PresenceChanged(people=[gone]))

    async def subscribe(self) -> None:
        """Subscribe to those who are watched since now, for ever; then look at them once more:
        something may have come before the subscription stood."""
        while True:
            people = {await self._opened.get()}
            while not self._opened.empty():
                people.add(self._opened.get_nowait())
            people &= self._watchers.keys()
            if not people:
                continue
            try:
                await self._relay.subscribe(group_of("presence", person) for person in people)
                await self._look(list(people))
            except Exception as error:  # Redis or PostgreSQL away
                logger.debug("presence is not subscribed: %r", error)
                await asyncio.sleep(1)
                for person in people:
                    self._opened.put_nowait(person)

    async def keep(self) -> None:
        """Renew this process's marks and look at everybody watched, for ever."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            self._tell_late()
            try:
                await self._marks.put(list(self._here), self._own)
                unused = [person for person, who in self._watchers.items() if not who]
                for person in unused:
                    del self._watchers[person]
                    self._known.pop(person, None)
                await self._relay.unsubscribe(group_of("presence", person) for person in unused)
                # Whoever is watched again since then was found subscribed, and no longer is.
                for person in self._watchers.keys() & set(unused):
                    self._opened.put_nowait(person)
                await self._look(list(self._watchers))
            except Exception as error:  # nothing here is worth more than a later try
                logger.debug("presence is not renewed: %r", error)

    def _unwatch(self, session: Session, person: UUID) -> None:
        watchers = self._watchers.get(person)
        if watchers is not None:
            watchers.discard(session)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _depart(self, person: UUID, *, away: bool) -> None:
        await asyncio.sleep(GRACE)
        await self._count_in(person, connections=-1, active=0 if away else -1)

    async def _count_in(self, person: UUID, *, connections: int = 0, active: int = 0) -> None:
        """Count a change of a person's connections here, and tell it when it makes them another
        thing to others."""
        here = self._here[person]
        before = here.mark
        here.connections += connections
        here.active += active
        here.turn += 1
        turn = here.turn
        if here.mark == before:
            return
        if not here.connections:
            del self._here[person]
        counted = (await self._marks.put([person], self._own)).get(person, here.mark)
        if here.turn != turn or self._here.get(person, here) is not here:
            return
        others = Counted(*(all_ - own for all_, own in zip(counted, here.mark, strict=True)))
        if _state(before, others) != _state(here.mark, others):
            await self._settle(person, *_state(here.mark, others))

    async def _settle(self, person: UUID, online: bool, away: bool) -> None:
        seen = None if online else timezone.now()
        await self._announce(
            bodies.Presence(person=person, online=online, away=away, last_seen=seen)
        )
        if seen is not None:
            try:
                await in_database(User.objects.filter(id=person).update, last_seen_at=seen)
            except Error as error:  # nobody waits for it; the outage is logged
                refusal_of(error)

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
        for session in watchers:
            if session.outgoing.busy:
                # Whoever is slow is told the newest later, if it still keeps the connection.
                self._late.setdefault(session, set()).add(presence.person)
            else:
                session.send(events.PresenceChanged(people=[presence]))

    def _tell_late(self) -> None:
        late, self._late = self._late, {}
        for session, people in late.items():
            known = [self._known[p] for p in people & session.watched if p in self._known]
            if known:
                session.send(events.PresenceChanged(people=known))

    def _own(self, person: UUID) -> Counted:
        here = self._here.get(person)
        return here.mark if here else Counted()

    async def _look(self, people: list[UUID]) -> None:
        marks = await self._marks.count(people)
        states = {
            person: _state(marks.get(person, Counted()), self._own(person)) for person in people
        }
        changed = {
            person: state
            for person, state in states.items()
            if (known := self._known.get(person)) is None or (known.online, known.away) != state
        }
        seen = await in_database(
            _last_seen, [p for p, (online, _) in changed.items() if not online]
        )
        for person, (online, away) in changed.items():
            last = seen.get(person)
            self._tell(bodies.Presence(person=person, online=online, away=away, last_seen=last))


def _state(one: Counted, other: Counted) -> tuple[bool, bool]:
    """Whether a person is online, and whether away, counted in two places."""
    online = bool(one.processes or other.processes)
    return online, online and not (one.active or other.active)


def _last_seen(people: list[UUID]) -> dict[UUID, datetime | None]:
    return dict(User.objects.filter(id__in=people).values_list("id", "last_seen_at"))
