"""Who is online: counted from live connections, kept in Redis for as long as they live.

A server process writes its own mark for each person connected to it and renews it; marks of a
process that died run out. Without Redis every process still knows its own people.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone
from redis import asyncio as redis

from apps.accounts.models import User
from apps.realtime.database import in_database
from apps.realtime.hub import Hub
from apps.realtime.relay import Relay, group_of
from apps.realtime.session import Session
from apps.wire import bodies, events

logger = logging.getLogger(__name__)

LASTS = 45
RENEW_EVERY = 15.0
# A reload or a change of network is no departure.
GRACE = 4.0
# Answers how many processes hold the person, by Redis's own clock. ARGV: mark, seconds to hold
# (0: take the mark away; -1: only count).
COUNT = """
local now = redis.call('TIME')[1]
if ARGV[2] == '0' then redis.call('ZREM', KEYS[1], ARGV[1])
elseif ARGV[2] ~= '-1' then
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZCARD', KEYS[1])
"""


class PresenceBoard:
    """The people connected here, and what is known of those whom they watch."""

    def __init__(self, hub: Hub, relay: Relay) -> None:
        self._hub = hub
        self._relay = relay
        self._mark = uuid4().hex
        self._here: Counter[UUID] = Counter()
        self._watchers: dict[UUID, set[Session]] = {}
        self._known: dict[UUID, bodies.Presence] = {}
        self._redis: Any = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        )
        self._count: Any = self._redis.register_script(COUNT)
        self._leaving: set[asyncio.Task[None]] = set()
        relay.handle("presence", self._came)

    async def arrive(self, session: Session) -> None:
        """A connection of a person has begun."""
        person = session.person
        self._here[person] += 1
        if self._here[person] == 1:
            others = await self._marks([person], LASTS)
            if others.get(person, 1) <= 1:
                await self._announce(bodies.Presence(person=person, online=True, last_seen=None))

    def depart(self, session: Session) -> None:
        """A connection has ended; the person is offline when none comes back soon."""
        for person in session.watched:
            self._unwatch(session, person)
        task = asyncio.ensure_future(self._depart(session.person))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def watch(self, session: Session, people: Iterable[UUID]) -> None:
        """Tell `session` of these people's presence: how it is now, and whenever it changes."""
        people = [person for person in people if person not in session.watched]
        session.watched.update(people)
        new = [person for person in people if person not in self._watchers]
        for person in new:
            self._watchers[person] = set()
        try:
            await self._relay.subscribe(group_of("presence", person) for person in new)
        except Exception as error:  # Redis away: the next look finds them
            logger.debug("presence is not subscribed: %r", error)
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
        gone = bodies.Presence(person=person, online=False, last_seen=None)
        session.send(events.PresenceChanged(people=[gone]))

    async def keep(self) -> None:
        """Renew this process's marks and look at everybody watched, for ever."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            try:
                await self._marks(list(self._here), LASTS)
                unused = [person for person, who in self._watchers.items() if not who]
                for person in unused:
                    del self._watchers[person]
                    self._known.pop(person, None)
                await self._relay.unsubscribe(group_of("presence", person) for person in unused)
                await self._look(list(self._watchers))
            except Exception as error:  # nothing here is worth more than a later try
                logger.debug("presence is not renewed: %r", error)

    def _unwatch(self, session: Session, person: UUID) -> None:
        watchers = self._watchers.get(person)
        if watchers is not None:
            watchers.discard(session)

    async def _depart(self, person: UUID) -> None:
        await asyncio.sleep(GRACE)
        self._here[person] -= 1
        if self._here[person] > 0:
            return
        del self._here[person]
        elsewhere = (await self._marks([person], 0)).get(person, 0)
        if not elsewhere:
            now = timezone.now()
            await self._announce(bodies.Presence(person=person, online=False, last_seen=now))
            await in_database(User.objects.filter(id=person).update, last_seen_at=now)

    async def _announce(self, presence: bodies.Presence) -> None:
        self._tell(presence)
        message = {
            "type": "presence",
            "person": str(presence.person),
            "online": presence.online,
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
                last_seen=datetime.fromisoformat(seen) if seen else None,
            )
        )

    def _tell(self, presence: bodies.Presence) -> None:
        watchers = self._watchers.get(presence.person)
        if watchers is None or self._known.get(presence.person) == presence:
            return
        self._known[presence.person] = presence
        for session in watchers:
            session.send(events.PresenceChanged(people=[presence]))

    async def _look(self, people: list[UUID]) -> None:
        marks = await self._marks(people, -1)
        online = {person for person in people if marks.get(person) or self._here.get(person)}
        changed = [
            person
            for person in people
            if person not in self._known or self._known[person].online != (person in online)
        ]
        seen = await in_database(_last_seen, [person for person in changed if person not in online])
        for person in changed:
            self._tell(
                bodies.Presence(person=person, online=person in online, last_seen=seen.get(person))
            )

    async def _marks(self, people: list[UUID], seconds: int) -> dict[UUID, int]:
        """How many processes hold each person; nothing when Redis is away."""
        if not people:
            return {}
        pipeline = self._redis.pipeline(transaction=False)
        try:
            for person in people:
                key = f"parley:presence:{person}"
                await self._count(keys=[key], args=[self._mark, seconds], client=pipeline)
            return dict(zip(people, await pipeline.execute(), strict=True))
        except (redis.RedisError, OSError) as error:
            logger.debug("presence cannot be asked: %r", error)
            return {}


def _last_seen(people: list[UUID]) -> dict[UUID, datetime | None]:
    return dict(User.objects.filter(id__in=people).values_list("id", "last_seen_at"))
