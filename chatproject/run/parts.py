"""The product's own processes."""

import os
import socket
import sys

from chatproject.run.errors import CannotRun
from chatproject.run.part import Part
from chatproject.run.var import CHECKOUT, Var

PYTHON = sys.executable
# Beside its pool a web process has two connections that commit messages.
OWN_CONNECTIONS = 2
# Two workers of two threads each, and what looks whether they live.
WORKER_CONNECTIONS = 8
# glibc gives every thread an arena of its own; two keep a process small (mallopt(3)).
SMALL = {"MALLOC_ARENA_MAX": "2"}
CELERY = (
    # Root's own warning about root: JSON only, so nothing that is unpacked can run.
    *(PYTHON, "-W", "ignore:::celery.platforms", "-m", "celery", "-q", "-A", "chatproject"),
)


def web(number: int, *, listener: socket.socket) -> Part:
    """The web process `number` on a listening socket that all of them share.

    The first one applies a pending release; the others start when it serves.
    """
    release = ("--release",) if number == 1 else ()
    return Part(
        name="web" if number == 1 else f"web-{number}",
        command=(PYTHON, "-m", "chatproject.run.web", "--fd", str(listener.fileno()), *release),
        folder=CHECKOUT,
        sockets=(listener,),
        environment=SMALL,
        stop_within=12,
    )


# What people miss while no worker takes from the queue.
WITHOUT = {
    "celery": "scheduled messages and link previews wait",
    "push": "push notifications wait",
}


def worker(name: str, *, queue: str, threads: int) -> Part:
    """A Celery worker for one queue: threads, since its jobs wait for the database and for
    hosts."""
    return Part(
        name=name,
        without=WITHOUT[queue],
        command=(
            *CELERY,
            *("worker", "--queues", queue, "--hostname", f"{name}@%h"),
            *("--pool", "threads", "--concurrency", str(threads), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        folder=CHECKOUT,
        environment=SMALL,
        stop_within=15,
        hush=("Warm shutdown",),
    )


def beat(var: Var) -> Part:
    """Celery's clock. It remembers when it last rang in var/."""
    return Part(
        name="beat",
        command=(
            *CELERY,
            *("beat", "--loglevel", "WARNING", "--pidfile", ""),
            *("--schedule", str(var.root / "beat")),
        ),
        folder=CHECKOUT,
        environment=SMALL,
        without="scheduled messages, link previews and push notifications are late",
    )


def web_workers() -> int:
    """How many web processes: WEB_WORKERS, 1 unless said. Raises CannotRun on nonsense."""
    text = os.environ.get("WEB_WORKERS") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise CannotRun(f"WEB_WORKERS is {text!r}: set it to a number from 1 to 64.")
    return int(text)


def database_connections() -> int:
    """How many connections to PostgreSQL the parts of this machine may open, at most."""
    pool = os.environ.get("DATABASE_POOL") or "8"  # as in the settings, which refuse nonsense
    size = int(pool) if pool.isdecimal() else 8
    return web_workers() * (size + OWN_CONNECTIONS) + WORKER_CONNECTIONS
