"""Liveness and readiness probes."""

import threading

import redis
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core.database import (
    DedicatedConnection,
    database_outages,
    dedicated_connection,
    refusal_of,
)
from apps.core.draining import draining
from apps.core.probe import Probe
from apps.core.storage.probe import storage_probe

REDIS_TIMEOUT_S = 0.5
# To connect, to sign in, and to ask.
REDIS_WAIT_S = 3 * REDIS_TIMEOUT_S
DATABASE_TURN_TIMEOUT_S = 2.0
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

    `?of=process` asks nobody: 200 unless this process is about to end. For balancers all of whose
    servers have one database: without it, they would take all of them out of service.
    """
    if draining.is_set():
        return JsonResponse({"status": "draining"}, status=503)
    if request.GET.get("of") == "process":
        return JsonResponse({"status": "ok"})
    parts = states()
    if parts["database"] != "ok":
        return JsonResponse({"status": "unavailable"} | parts, status=503)
    degraded = "unavailable" in parts.values()
    return JsonResponse({"status": "degraded" if degraded else "ok"} | parts)


def states() -> dict[str, str]:
    """The state of each part: ok, unavailable, read_only or unknown. Each wait is bounded."""
    return {"database": _database(), "redis": redis_probe.state(), "storage": storage_probe.state()}


class _DatabaseProbe:
    """Asks PostgreSQL on a connection of its own: slow requests that keep the whole pool busy do
    not stop messages from being committed. Probes take turns, so one connection is enough."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._connection: DedicatedConnection | None = None

    def writable(self) -> bool:
        """Whether PostgreSQL accepts writes. Raises the errors of Django's databases, and
        TimeoutError when another probe still waits for its result."""
        if not self._turn.acquire(timeout=DATABASE_TURN_TIMEOUT_S):
            raise TimeoutError
        try:
            if self._connection is None:
                self._connection = dedicated_connection("ready")
                self._connection.inc_thread_sharing()
            # PostgreSQL may have restarted since the last probe: check the connection before use.
            self._connection.health_check_done = False
            try:
                with self._connection.cursor() as cursor:
                    cursor.execute(WRITABLE)
                    writable = bool(cursor.fetchone()[0])
            except Error:
                self._connection.close()
                raise
            if not writable:
                # A primary no more: the next connection finds the new one.
                self._connection.close()
            return writable
        finally:
            self._turn.release()


_database_probe = _DatabaseProbe()


def _database() -> str:
    try:
        writable = _database_probe.writable()
    except (Error, TimeoutError) as error:
        refusal_of(error)
        return "unavailable"
    if not writable:
        return "read_only"
    database_outages.recovered()
    return "ok"


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


def _ping_redis() -> None:
    with redis_client() as client:
        client.ping()


# One check at a time: each makes a connection.
redis_probe = Probe(
    "redis",
    _ping_redis,
    failures=(redis.RedisError,),
    interval_s=0.0,
    wait_s=REDIS_WAIT_S,
)
