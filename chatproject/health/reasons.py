"""Why a part cannot be used, in the words of its library: for the doctor alone, since they name
hosts and folders."""

import psycopg
import redis
from django.db import connection

from apps.core import health
from apps.core.probe import Probe
from apps.core.storage.probe import storage_probe
from chatproject.health.components import mail_probe, provider_probe

DATABASE_TIMEOUT_S = 3
PROBES: dict[str, Probe] = {
    "storage": storage_probe,
    "mail": mail_probe,
    "identity_provider": provider_probe,
}


def reason(name: str) -> str:
    """Of a part that is unavailable, in one line; empty if it is not known. Asks PostgreSQL or
    Redis once more, with a time limit."""
    if name == "database":
        return _line(_database())
    if name == "redis":
        return _line(_redis())
    return _line(PROBES[name].failure) if name in PROBES else ""


def _database() -> Exception | None:
    """Without the pool, whose error is that it has no connection."""
    options = connection.get_connection_params() | {"connect_timeout": DATABASE_TIMEOUT_S}
    try:
        psycopg.connect(**options).close()
    except psycopg.Error as error:
        return error
    return None


def _redis() -> Exception | None:
    try:
        with health.redis_client() as client:
            client.ping()
    except redis.RedisError as error:
        return error
    return None


def _line(error: BaseException | None) -> str:
    """The first cause: the errors of Parley itself tell people what to do, not operators why."""
    while error is not None and error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()) if error is not None else ""
