"""Presence in Redis: each server process writes an entry for each person connected to it.

Entries expire. A process that died no longer renews its entries, so they run out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from redis import asyncio as redis

from apps.realtime.background import check_cancelled
from apps.realtime.redis_outage import redis_outage

ENTRY_TTL_S = 45
MAX_IN_A_PIPELINE = 500
REDIS_TIMEOUT_S = 2.0
# Returns in how many processes the person is connected, and in how many of them active, by Redis's
# own clock. KEYS: the person's sorted set. ARGV: the process, the entry's TTL in seconds (0: delete
# the entry; -1: only count), 'active' or 'away'.
COUNT = """
local now = redis.call('TIME')[1]
if ARGV[2] ~= '-1' then
    redis.call('ZREM', KEYS[1], ARGV[1] .. ':active', ARGV[1] .. ':away')
    if ARGV[2] ~= '0' then
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1] .. ':' .. ARGV[3])
        redis.call('EXPIRE', KEYS[1], ARGV[2])
    end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local active = 0
local entries = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, entry in ipairs(entries) do
    if string.sub(entry, -7) == ':active' then active = active + 1 end
end
return {#entries, active}
"""


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
        return self._run(people, lambda _: (-1, ""))

    async def _run(
        self, people: list[UUID], arguments: Callable[[UUID], tuple[int, str]]
    ) -> AsyncIterator[tuple[list[UUID], dict[UUID, PresenceCount]]]:
        answers = True
        for start in range(0, len(people), MAX_IN_A_PIPELINE):
            # Packing and parsing takes a while: let other tasks run between two parts.
            await asyncio.sleep(0)
            part = people[start : start + MAX_IN_A_PIPELINE]
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
        # Close the pipeline: it keeps its connection when loading the script fails.
        async with (
            asyncio.timeout(REDIS_TIMEOUT_S),
            self._redis.pipeline(transaction=False) as pipeline,
        ):
            for person, arguments in calls.items():
                key = f"parley:presence:{person}"
                await self._script(keys=[key], args=[self._process, *arguments], client=pipeline)
            found = await pipeline.execute()
        return {person: PresenceCount(*each) for person, each in zip(calls, found, strict=True)}


def _arguments(own: PresenceCount) -> tuple[int, str]:
    return ENTRY_TTL_S if own.processes else 0, "active" if own.active else "away"
