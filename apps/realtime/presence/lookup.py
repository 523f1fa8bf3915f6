"""The presence of some people at this moment, for a request that is no live connection."""

from uuid import UUID

import redis

from apps.contacts.queries.contacts import contacts_among
from apps.core.errors import Unavailable
from apps.core.redis_script import redis_script
from apps.realtime.presence import last_seen
from apps.realtime.presence.connected import state
from apps.realtime.presence.store import (
    COUNT,
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
