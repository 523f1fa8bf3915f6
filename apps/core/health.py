"""Liveness and readiness probes."""

from collections.abc import Iterable

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core.database import database_outages, refusal_of
from apps.core.draining import draining
from apps.core.storage.probe import storage_probe

REDIS_TIMEOUT_S = 0.5
# False on a replica, a demoted primary, or a server that a provider made read-only (disk full).
WRITABLE = "SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off'"


def live(request: HttpRequest) -> JsonResponse:
    """`/livez`: 200 while the process responds. No I/O: a slow database must not get it killed."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """`/readyz`: 200 when PostgreSQL accepts writes and this process is not about to end, 503
    otherwise.

    An unavailable Redis or file storage is reported, but does not fail the probe: messages are
    still accepted and delivered.
    """
    if draining.is_set():
        return JsonResponse({"status": "draining"}, status=503)
    parts = states()
    if parts["database"] != "ok":
        return JsonResponse({"status": "unavailable"} | parts, status=503)
    degraded = "unavailable" in parts.values()
    return JsonResponse({"status": "degraded" if degraded else "ok"} | parts)


def states() -> dict[str, str]:
    """The state of each part: ok, unavailable, read_only or unknown. Each wait is bounded."""
    return {"database": _database(), "redis": _redis(), "storage": storage_probe.state()}


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
    database_outages.recovered()
    return "ok"


def _redis() -> str:
    try:
        with redis_client() as client:
            client.ping()
    except redis.RedisError:
        return "unavailable"
    return "ok"


def queue_lengths(queues: Iterable[str]) -> dict[str, int] | None:
    """How many tasks wait in each of these Celery queues; None without Redis. Waits as the probe
    does."""
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    names = list(queues)
    try:
        with redis_client() as client, client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.llen(f"{prefix}{name}")
            return dict(zip(names, pipe.execute(), strict=True))
    except redis.RedisError:
        return None


def redis_client() -> redis.Redis:
    """A client for one short question."""
    # One attempt: with the client's own retries, probing a hanging Redis takes seconds, and the
    # load balancer would time out and take this server out of service.
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
