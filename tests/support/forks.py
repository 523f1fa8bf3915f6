"""Starts modules of this checkout as forks of a process that has imported the libraries.

A web process imports for two seconds of processor time, and tests start hundreds of them. Tests of
the start itself execute Python: `tests/run/test_product.py`, `tests/deployment`.
"""

import sys
from functools import cache

from chatproject.run import forks
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.forks import ForkServer
from chatproject.run.service import Service
from chatproject.run.services import MALLOC_ENVIRONMENT, PYTHON_FOR_CELERY

# With what they import, these are most modules of web processes, workers and beat. None of them
# reads settings: each process of a test has its own.
PRELOADED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.backends.redis",
    "celery.bin.celery",
    "celery.fixups.django",
    "channels.routing",
    "channels_redis.pubsub",
    "csp.middleware",
    "django.contrib.admin",
    "django.contrib.postgres.aggregates",
    "django.contrib.postgres.search",
    "django.contrib.syndication.views",
    "django.core.management.commands.migrate",
    "django.db.backends.postgresql.base",
    "django.views.generic",
    "environ",
    "httpx",
    "jwt",
    "kombu.transport.redis",
    "msgspec",
    "PIL.Image",
    "py_vapid",
    "redis.asyncio",
    "regex",
    "rest_framework.serializers",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
    "whitenoise.middleware",
)
# Python, and its options, of workers and beat; other processes may have these options, too.
STARTS = ((sys.executable, "-m"), PYTHON_FOR_CELERY)


@cache
def fork_server() -> ForkServer:
    """That of this process, started with the first fork."""
    return ForkServer(PYTHON_FOR_CELERY, PRELOADED, MALLOC_ENVIRONMENT)


def can_fork(service: Service) -> bool:
    """Whether it is a module of this checkout that runs as the user of the tests, and imports what
    they import."""
    return (
        forks.can_fork()
        and service.cwd == CHECKOUT
        and service.preexec_fn is None
        and "PYTHONPATH" not in service.environment
        and any(service.command[: len(start)] == start for start in STARTS)
    )
