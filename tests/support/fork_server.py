"""`python -m tests.support.fork_server FD`: forks processes of the product from one that has
imported the libraries, which is most of what a start costs. `forks.py` speaks to it.

It imports no module that reads settings: each process reads its own environment.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
from fcntl import F_DUPFD, fcntl
from importlib import import_module
from typing import Any

from chatproject.run.service import die_with_parent

# With what they import, these are most modules of web processes, workers and beat.
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
MAX_BYTES, MAX_FDS = 1_000_000, 16
# Above all numbers that a command line may name.
FIRST_FREE_FD = 512


def main() -> None:
    """Fork until the tests end. Each fork runs its module as `python -m` does."""
    for name in PRELOADED:
        import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as tests:
        wanted, fds = _fork_on_request(tests)
    _take_over(wanted, fds)
    sys.argv[1:] = wanted["arguments"]
    runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)


def _fork_on_request(tests: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each request. Returns in the forked process only: its request, and the descriptors
    that came with it. Exits with the tests.

    The process between ends at once, so that the forked one becomes a child of the tests, which
    wait for it as for any other. They get its id, then an empty message once it is their child.
    """
    while True:
        data, fds, _, _ = socket.recv_fds(tests, MAX_BYTES, MAX_FDS)
        if not data:
            sys.exit()
        waiting, adopted = os.pipe()
        between = os.fork()
        if not between:
            if child := os.fork():
                tests.send(str(child).encode())
                os._exit(0)
            os.close(adopted)
            if not os.read(waiting, 1):
                os._exit(1)
            os.close(waiting)
            return json.loads(data), fds
        os.waitpid(between, 0)
        os.write(adopted, b"1")
        for each in (waiting, adopted, *fds):
            os.close(each)
        tests.send(b"adopted")


def _take_over(wanted: dict[str, Any], fds: list[int]) -> None:
    """Be the process that was asked for: its session, files, folder and environment."""
    os.setsid()
    moved = [fcntl(each, F_DUPFD, FIRST_FREE_FD) for each in fds]
    nothing = os.open(os.devnull, os.O_RDONLY)
    targets = [0, 1, 2, *wanted["fds"]]
    for source, target in zip([nothing, moved[0], *moved], targets, strict=True):
        os.dup2(source, target)
    for each in {nothing, *fds, *moved} - set(targets):
        os.close(each)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    die_with_parent(wanted["parent"], signal.Signals(wanted["stop_signal"]))


if __name__ == "__main__":
    main()
