"""The presence of some people at this moment, for a request that is no live connection."""

from uuid import UUID

import redis
from django.conf import settings

from apps.contacts.queries.contacts import contacts_among
from apps.core.errors import Unavailable
from apps.core.identifiers import MADE_UP_END
from apps.core.redis_script import redis_script
from apps.realtime.presence import last_seen
from apps.realtime.presence.connected import state
from apps.realtime.presence.store import (
    COUNT,
    KEY_PREFIX,
    ONLY_COUNT,
    PresenceCount,
    counts_of,
    script_arguments,
)
from apps.wire import bodies

REDIS_TIMEOUT_S = 1.0
RETRY_AFTER_S = 5.0


def presence_for(user_id: UUID, people: list[UUID]) -> list[bodies.Presence]:
    """The presence of those of these people who are the person's contacts, as a live connection
    shows it. Raises Unavailable without Redis."""
    mine = contacts_among(user_id, people)
    asked = [person for person in dict.fromkeys(people) if person in mine]
    if not asked:
        return []
    states = {person: state(count, PresenceCount()) for person, count in _counts(asked).items()}
    times = last_seen.read([person for person, (online, _) in states.items() if not online])
    return [
        bodies.Presence(person=person, online=online, away=away, last_seen=times.get(person))
        for person, (online, away) in states.items()
    ]


def _counts(people: list[UUID]) -> dict[UUID, PresenceCount]:
    script = redis_script(COUNT, REDIS_TIMEOUT_S)
    try:
        found = script(**script_arguments("", dict.fromkeys(people, ONLY_COUNT)))
    except redis.RedisError as error:
        raise Unavailable(retry_after=RETRY_AFTER_S) from error
    return counts_of(people, found)


def count_connected(*, limit: int) -> int:
    """How many people are connected, without made-up ones; counts no further than `limit`. Raises
    Unavailable without Redis."""
    found: set[UUID] = set()
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT_S) as client:
            for key in client.scan_iter(match=f"{KEY_PREFIX}*", count=1_000):
                person = UUID(key.decode().removeprefix(KEY_PREFIX))
                if person > MADE_UP_END:
                    found.add(person)
                if len(found) >= limit:
                    break
    except redis.RedisError as error:
        raise Unavailable(retry_after=RETRY_AFTER_S) from error
    return len(found)
