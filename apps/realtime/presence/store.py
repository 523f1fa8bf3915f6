"""Presence in Redis: each server process writes an entry for each person connected to it.

Entries expire. A process that died no longer renews its entries, so they run out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from redis import asyncio as redis

from apps.realtime.background import bounded, check_cancelled
from apps.realtime.redis_outage import redis_outage

ENTRY_TTL_S = 45
KEY_PREFIX = "parley:presence:"
# Redis runs a script to its end before it serves anybody else.
MAX_IN_A_CALL = 500
REDIS_TIMEOUT_S = 2.0
# Returns for each person in how many processes they are connected, and in how many of them active,
# by Redis's own clock. KEYS: the sorted set of each person. ARGV: the process; then, for each
# person, the entry's TTL in seconds (0: delete the entry; -1: only count) and 'active' or 'away'.
COUNT = """
local now = redis.call('TIME')[1]
local counts = {}
for n, key in ipairs(KEYS) do
    local ttl, state = ARGV[2 * n], ARGV[2 * n + 1]
    if ttl ~= '-1' then
        redis.call('ZREM', key, ARGV[1] .. ':active', ARGV[1] .. ':away')
        redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
        if ttl ~= '0' then
            redis.call('ZADD', key, now + ttl, ARGV[1] .. ':' .. state)
            redis.call('EXPIRE', key, ttl)
        end
    end
    local processes, active = 0, 0
    for _, entry in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. now, '+inf')) do
        processes = processes + 1
        if string.sub(entry, -7) == ':active' then active = active + 1 end
    end
    counts[n] = {processes, active}
end
return counts
"""
ONLY_COUNT = (-1, "")


class PresenceCount(NamedTuple):
    """In how many processes a person is connected, and in how many of them active."""

    processes: int = 0
    active: int = 0


class PresenceStore:
    """This process's entries, and the counts over the entries of all processes."""

    def __init__(self) -> None:
        self._process = uuid4().hex
        self._redis: Any = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        )
        self._script: Any = self._redis.register_script(COUNT)

    async def update(
        self, people: list[UUID], own: Callable[[UUID], PresenceCount]
    ) -> dict[UUID, PresenceCount]:
        """Write this process's entry of each person, as `own` counts them, and return the counts of
        all processes. Leaves out people without an entry in Redis: unknown.
        """
        found: dict[UUID, PresenceCount] = {}
        async for _, part in self._run(people, lambda person: _arguments(own(person))):
            found |= part
        return found

    def count(
        self, people: list[UUID]
    ) -> AsyncIterator[tuple[list[UUID], dict[UUID, PresenceCount]]]:
        """Some people at a time, with the counts of those of them that are known."""
        return self._run(people, lambda _: ONLY_COUNT)

    async def _run(
        self, people: list[UUID], arguments: Callable[[UUID], tuple[int, str]]
    ) -> AsyncIterator[tuple[list[UUID], dict[UUID, PresenceCount]]]:
        answers = True
        for start in range(0, len(people), MAX_IN_A_CALL):
            # Packing and parsing takes a while: let other tasks run between two parts.
            await asyncio.sleep(0)
            part = people[start : start + MAX_IN_A_CALL]
            found: dict[UUID, PresenceCount] = {}
            # Wait for a hanging Redis once, not for each part.
            if answers:
                try:
                    found = await self._execute({person: arguments(person) for person in part})
                except (redis.RedisError, OSError) as error:
                    check_cancelled()
                    redis_outage.failed(error)
                    answers = False
                else:
                    redis_outage.recovered()
            yield part, found

    async def _execute(self, calls: dict[UUID, tuple[int, str]]) -> dict[UUID, PresenceCount]:
        async with bounded(REDIS_TIMEOUT_S):
            found = await self._script(**script_arguments(self._process, calls))
        return counts_of(calls, found)


def script_arguments(process: str, calls: Mapping[UUID, tuple[int, str]]) -> dict[str, Any]:
    """Keys and arguments of `COUNT`, for some people with the TTL and state of each."""
    each = chain.from_iterable(calls.values())
    return {
        "keys": [f"{KEY_PREFIX}{person}" for person in calls],
        "args": [process, *each],
    }


def counts_of(people: Iterable[UUID], found: Iterable[Sequence[int]]) -> dict[UUID, PresenceCount]:
    """What `COUNT` has returned for these people."""
    return {person: PresenceCount(*each) for person, each in zip(people, found, strict=True)}


def _arguments(own: PresenceCount) -> tuple[int, str]:
    return ENTRY_TTL_S if own.processes else 0, "active" if own.active else "away"
