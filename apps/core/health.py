"""Whether this process lives, and whether it can serve."""

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse

logger = logging.getLogger(__name__)


def live(request: HttpRequest) -> JsonResponse:
    """`/livez`: the process answers. No I/O: a slow database must not have it killed."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """`/readyz`: 200 when PostgreSQL answers, 503 otherwise.

    Redis away is reported but no reason to turn people away: messages are taken and arrive.
    """
    parts = {"database": _database(), "redis": _redis()}
    status = 200 if parts["database"] == "ok" else 503
    return JsonResponse({"status": "ok" if status == 200 else "unavailable"} | parts, status=status)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        logger.warning("the database does not answer", exc_info=True)
        return "unavailable"
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
