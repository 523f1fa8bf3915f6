"""Whether this process lives, and whether it can serve."""

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

from apps.core.database import database, refusal_of

# A replica, a demoted primary, a provider that keeps a full disk from filling up.
WRITABLE = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"


def live(request: HttpRequest) -> JsonResponse:
    """`/livez`: the process answers. No I/O: a slow database must not have it killed."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """`/readyz`: 200 when PostgreSQL takes writes, 503 otherwise.

    Redis away is reported but no reason to turn people away: messages are taken and arrive.
    """
    parts = {"database": _database(), "redis": _redis()}
    status = 200 if parts["database"] == "ok" else 503
    return JsonResponse({"status": "ok" if status == 200 else "unavailable"} | parts, status=status)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute(WRITABLE)
            [writable] = cursor.fetchone()
    except Error as error:
        refusal_of(error)
        return "unavailable"
    if not writable:
        return "read_only"
    database.recovered()
    return "ok"


def _redis() -> str:
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
        )
        with client:
            client.ping()
    except redis.RedisError:
        return "unavailable"
    return "ok"
