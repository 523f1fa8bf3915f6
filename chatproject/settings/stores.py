"""PostgreSQL, the source of truth; Redis, for hints only; Celery; the cache."""

import sys

import environ

from apps.core.bounded_connection import BoundedConnection
from chatproject.database import client_options, server_options
from chatproject.schedule import ROUTES, SCHEDULE
from chatproject.settings.base import env, plugins_found

DATABASES = {"default": environ.Env.db_url_config(env["DATABASE_URL"])}
DATABASE_POOL: int = env["DATABASE_POOL"]
DATABASES["default"].update(
    ENGINE="apps.core.postgresql",
    CONN_MAX_AGE=0,
    # Checks a pooled connection before use: a restart of PostgreSQL leaves dead ones.
    CONN_HEALTH_CHECKS=True,
)
DATABASE_TIMEOUT: int = env["DATABASE_TIMEOUT"]
# PgBouncer in transaction mode supports neither session options nor prepared statements.
PGBOUNCER: bool = env["PGBOUNCER"]
# Options in DATABASE_URL override these.
_options = client_options() | DATABASES["default"].get("OPTIONS", {})
DATABASES["default"]["OPTIONS"] = _options
# A timeout in the client, for statements that the server does not end: see BoundedConnection.
BoundedConnection.statement_timeout_s = DATABASE_TIMEOUT + 2.0 if DATABASE_TIMEOUT else None
if DATABASE_TIMEOUT and not PGBOUNCER:
    _options["options"] = (
        f"{server_options(DATABASE_TIMEOUT)} {_options.get('options', '')}".strip()
    )
# Statements are prepared where code asks for it (apps.core.reads), and never by their number.
_options["prepare_threshold"] = None if PGBOUNCER else sys.maxsize
_options["pool"] = {
    "min_size": 1,
    "max_size": DATABASE_POOL,
    # Refusing after three seconds is better than waiting: the client keeps the message.
    "timeout": 3,
    # The pool tries to reconnect for this long, at growing intervals. After that each request
    # starts a new attempt, so the first one after a long outage succeeds.
    "reconnect_timeout": 5,
    "connection_class": BoundedConnection,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str = env["REDIS_URL"]
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "apps.realtime.layer.BatchChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "parley"},
    }
}
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix:")
    else REDIS_URL
)
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Enforced by chatproject/watchdog.py: Celery has no time limits in a thread pool.
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "global_keyprefix": "parley:",
    # Kombu has no timeouts by default: a hanging broker would block beat and the workers.
    "socket_timeout": 5,
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULER = "chatproject.beat:Scheduler"
CELERY_BEAT_SCHEDULE = SCHEDULE | {
    task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}
    for plugin in plugins_found.found
    for task, seconds in plugin.app.schedule.items()
}
CELERY_TASK_ROUTES = ROUTES
# Holds the counters of allauth's rate limits. Not in Redis: sign-in must work without it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        # Far above the default of 300: an attacker who fills the table must not evict the counters.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
