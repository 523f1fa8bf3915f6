"""The product's own processes."""

import os
import socket
import sys

from chatproject.run.data_dir import CHECKOUT, DataDir
from chatproject.run.errors import StartupError
from chatproject.run.service import Service

PYTHON = sys.executable
# Beside its pool a web process has two connections that commit messages.
COMMIT_CONNECTIONS = 2
# Two workers of two threads each, and what looks whether they live.
WORKER_CONNECTIONS = 8
# glibc gives every thread an arena of its own; two keep a process small (mallopt(3)).
MALLOC_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
CELERY = (
    # Root's own warning about root: JSON only, so nothing that is unpacked can run.
    *(PYTHON, "-W", "ignore:::celery.platforms", "-m", "celery", "-q", "-A", "chatproject"),
)


def web(number: int, *, listener: socket.socket) -> Service:
    """The web process `number` on a listening socket that all of them share.

    The first one applies a pending release; the others start when it serves.
    """
    release = ("--release",) if number == 1 else ()
    return Service(
        name="web" if number == 1 else f"web-{number}",
        command=(PYTHON, "-m", "chatproject.run.web", "--fd", str(listener.fileno()), *release),
        folder=CHECKOUT,
        sockets=(listener,),
        environment=MALLOC_ENVIRONMENT,
        stop_timeout_s=12,
    )


# What people miss while no worker takes from the queue.
OUTAGE_EFFECTS = {
    "celery": "scheduled messages and link previews wait",
    "push": "push notifications wait",
}


def worker(name: str, *, queue: str, threads: int) -> Service:
    """A Celery worker for one queue: threads, since its jobs wait for the database and for
    hosts."""
    return Service(
        name=name,
        outage_effect=OUTAGE_EFFECTS[queue],
        command=(
            *CELERY,
            *("worker", "--queues", queue, "--hostname", f"{name}@%h"),
            *("--pool", "threads", "--concurrency", str(threads), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        folder=CHECKOUT,
        environment=MALLOC_ENVIRONMENT,
        stop_timeout_s=15,
        hidden_lines=("Warm shutdown",),
    )


def beat(data_dir: DataDir) -> Service:
    """Celery's clock. It remembers when it last rang in var/."""
    return Service(
        name="beat",
        command=(
            *CELERY,
            *("beat", "--loglevel", "WARNING", "--pidfile", ""),
            *("--schedule", str(data_dir.root / "beat")),
        ),
        folder=CHECKOUT,
        environment=MALLOC_ENVIRONMENT,
        outage_effect="scheduled messages, link previews and push notifications are late",
    )


def web_workers() -> int:
    """How many web processes: WEB_WORKERS, 1 unless said. Raises StartupError on nonsense."""
    text = os.environ.get("WEB_WORKERS") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise StartupError(f"WEB_WORKERS is {text!r}: set it to a number from 1 to 64.")
    return int(text)


def database_connections() -> int:
    """How many connections to PostgreSQL the parts of this machine may open, at most."""
    pool = os.environ.get("DATABASE_POOL") or "8"  # as in the settings, which refuse nonsense
    size = int(pool) if pool.isdecimal() else 8
    return web_workers() * (size + COMMIT_CONNECTIONS) + WORKER_CONNECTIONS
