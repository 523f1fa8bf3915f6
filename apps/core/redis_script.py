"""Lua scripts that run in Redis, for callers that may wait a moment for it."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry


@cache
def redis_script(source: str, timeout_s: float) -> Script:
    """The script, loaded when it is first called. A call tries once, for at most this long, and
    raises redis.RedisError."""
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    return client.register_script(source)
