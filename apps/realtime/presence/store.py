"""Presence in Redis: each server process marks the people connected to it, for a while.

A process that died no longer renews its marks, and they run out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from redis import asyncio as redis

from apps.realtime.redis_outage import redis_outage

ENTRY_TTL_S = 45
MAX_IN_A_PIPELINE = 500
REDIS_TIMEOUT_S = 2.0
# Returns in how many processes the person is, and in how many of them at a device, by Redis's
# clock. ARGV: mark, seconds to hold (0: take the mark away; -1: only count), 'active' or 'away'.
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
local marks = redis.call('ZRANGE', KEYS[1], 0, -1)
for _, mark in ipairs(marks) do
    if string.sub(mark, -7) == ':active' then active = active + 1 end
end
return {#marks, active}
"""


class PresenceCount(NamedTuple):
    """In how many processes a person is connected, and in how many at a device."""

    processes: int = 0
    active: int = 0


class PresenceStore:
    """This process's marks, and what all processes have marked."""

    def __init__(self) -> None:
        self._mark = uuid4().hex
        self._redis: Any = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        )
        self._script: Any = self._redis.register_script(COUNT)

    async def put(
        self, people: list[UUID], own: Callable[[UUID], PresenceCount]
    ) -> dict[UUID, PresenceCount]:
        """Mark each as `own` says they are here, and return all marks, these included.

        Leaves out the people of whom Redis said nothing: they are unknown.
        """
        found: dict[UUID, PresenceCount] = {}
        async for _, part in self._run(people, lambda person: _arguments(own(person))):
            found |= part
        return found

    def count(
        self, people: list[UUID]
    ) -> AsyncIterator[tuple[list[UUID], dict[UUID, PresenceCount]]]:
        """All marks of these people, some people at a time, the unknown among them left out."""
        return self._run(people, lambda _: (-1, ""))

    async def _run(
        self, people: list[UUID], arguments: Callable[[UUID], tuple[int, str]]
    ) -> AsyncIterator[tuple[list[UUID], dict[UUID, PresenceCount]]]:
        answers = True
        for start in range(0, len(people), MAX_IN_A_PIPELINE):
            # Others have their turn between two parts: packing and parsing takes a while.
            await asyncio.sleep(0)
            part = people[start : start + MAX_IN_A_PIPELINE]
            found: dict[UUID, PresenceCount] = {}
            # A Redis that hangs is waited for once, not for each part.
            if answers:
                try:
                    found = await self._ask({person: arguments(person) for person in part})
                except (redis.RedisError, OSError) as error:
                    redis_outage.failed(error)
                    answers = False
                else:
                    redis_outage.recovered()
            yield part, found

    async def _ask(self, asked: dict[UUID, tuple[int, str]]) -> dict[UUID, PresenceCount]:
        # A pipeline that is not closed keeps its connection when loading the script fails.
        async with (
            asyncio.timeout(REDIS_TIMEOUT_S),
            self._redis.pipeline(transaction=False) as pipeline,
        ):
            for person, arguments in asked.items():
                key = f"parley:presence:{person}"
                await self._script(keys=[key], args=[self._mark, *arguments], client=pipeline)
            found = await pipeline.execute()
        return {person: PresenceCount(*each) for person, each in zip(asked, found, strict=True)}


def _arguments(own: PresenceCount) -> tuple[int, str]:
    return ENTRY_TTL_S if own.processes else 0, "active" if own.active else "away"
