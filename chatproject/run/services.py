"""The product's own services: web processes, Celery workers, beat."""

import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from chatproject.config import environment
from chatproject.run.data_dir import CHECKOUT, DataDir
from chatproject.run.forks import ForkServer, can_fork
from chatproject.run.service import Restart, Service

PYTHON = sys.executable
# Connections of a web process that commit messages and receipts, in addition to its pool: for each,
# one thread, and one for rows that are locked.
COMMIT_CONNECTIONS = 4
READINESS_CONNECTIONS = 1
# Three workers of two or three threads each, and their health checks.
WORKER_CONNECTIONS = 12
MAX_DEFAULT_WORKERS = 8
# What workers import takes three seconds, and a slow machine longer.
IMPORTS_TIMEOUT_S = 60.0
QUOTA = Path("/sys/fs/cgroup/cpu.max")
# By default glibc gives every thread an arena of its own; two keep a process small (mallopt(3)).
MALLOC_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
# Celery warns when root runs it, because of pickle. Parley accepts JSON only.
PYTHON_FOR_CELERY = (PYTHON, "-W", "ignore:::celery.platforms", "-m")
CELERY = (*PYTHON_FOR_CELERY, "celery", "-q", "-A", "chatproject")
# By queue: what people miss while no worker takes jobs from it.
OUTAGE_EFFECTS = {
    "celery": "scheduled messages and link previews wait",
    "files": "uploads and exports wait",
    "push": "push notifications, webhooks and commands of other servers wait",
}


def set_default_web_workers() -> None:
    """Use the cores of this machine, unless WEB_WORKERS is set.

    A web process uses one core; PostgreSQL, the workers and Valkey need about as much. A PostgreSQL
    of one's own may be elsewhere, and has its own limit of connections.
    """
    if not environment.is_set("DATABASE_URL"):
        half = int(usable_cores()) // 2
        number = min(max(half, 1), MAX_DEFAULT_WORKERS)
        environment.set_default("WEB_WORKERS", str(number), source="half of the cores")


def usable_cores() -> float:
    """The cores that this process may use: those of the machine, fewer by its affinity or by the
    quota of its control group (Linux, cpu.max)."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores: float = len(affinity(0)) if affinity else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = QUOTA.read_text().split()
        cores = min(cores, int(quota) / int(period))
    return cores


def web(number: int, *, listener: socket.socket) -> Service:
    """The web process `number` on a listening socket that all web processes share.

    The first one applies a pending release; the others start when it serves.
    """
    release = ("--release",) if number == 1 else ()
    return Service(
        name="web" if number == 1 else f"web-{number}",
        command=(PYTHON, "-m", "chatproject.run.web", "--fd", str(listener.fileno()), *release),
        cwd=CHECKOUT,
        sockets=(listener,),
        environment=MALLOC_ENVIRONMENT,
        # Nobody is left to take its clients over: they come back when it is started again.
        stop_signal=signal.SIGINT,
        stop_timeout_s=12,
        restart=Restart.OVERLAP,
        ready_option="--ready-fd",
    )


def worker(name: str, *, queue: str, threads: int) -> Service:
    """A Celery worker for one queue. Its pool has threads: jobs wait for the database and for
    other hosts."""
    return Service(
        name=name,
        outage_effect=OUTAGE_EFFECTS[queue],
        command=(
            *CELERY,
            *("worker", "--queues", queue, "--hostname", f"{name}@%h"),
            *("--pool", "threads", "--concurrency", str(threads), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        cwd=CHECKOUT,
        environment=MALLOC_ENVIRONMENT,
        stop_timeout_s=15,
        restart=Restart.STOP_FIRST,
        is_forked=True,
        hidden_lines=("Warm shutdown",),
    )


def beat(data_dir: DataDir) -> Service:
    """Celery's scheduler. It stores the times of its last runs in the data directory."""
    return Service(
        name="beat",
        command=(
            *CELERY,
            *("beat", "--loglevel", "WARNING", "--pidfile", ""),
            *("--schedule", str(data_dir.root / "beat")),
        ),
        cwd=CHECKOUT,
        environment=MALLOC_ENVIRONMENT,
        restart=Restart.STOP_FIRST,
        is_forked=True,
        outage_effect="scheduled messages, link previews and push notifications are late",
    )


def fork_server() -> ForkServer | None:
    """The process that workers and beat are forked from; None where they are executed."""
    if not can_fork():
        return None
    try:
        return ForkServer(PYTHON_FOR_CELERY, ["chatproject.worker_modules"], MALLOC_ENVIRONMENT)
    except OSError:
        return None


def database_connections() -> int:
    """The most connections to PostgreSQL that the services of this machine may open. During a
    restart there is one web process more."""
    of_web = environment.read("DATABASE_POOL") + COMMIT_CONNECTIONS + READINESS_CONNECTIONS
    return int((environment.read("WEB_WORKERS") + 1) * of_web + WORKER_CONNECTIONS)
