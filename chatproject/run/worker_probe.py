"""Asks a Celery worker of this machine whether it works: a health check for containers.

`python -m chatproject.run.worker_probe push` asks the worker `push@HOSTNAME` through the broker,
and exits with 1 when it does not respond, or when tasks wait that it does not take. While the
broker is away no worker can be asked, and starting one again would not help: it exits with 0, as
the process lives. Tasks that hang are the business of `chatproject.watchdog`.
"""

import argparse
import os
import socket
import sys

from celery.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

REPLY_TIMEOUT_S = 5.0
BROKER_TIMEOUT_S = 3.0
BROKER_ERRORS = (RedisError, OperationalError, OSError)
# Far longer than a worker takes to connect to its broker again.
STANDSTILL_S = 120.0


def works(worker: str, *, standstill_s: float = STANDSTILL_S) -> bool:
    """Whether a worker, by its whole name, responds and takes tasks. True while the broker is away.

    It does not take tasks if none of its own is running, the last one began and ended more than
    `standstill_s` ago, and one of its queues has a task that has waited longer than that.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    from django.conf import settings

    from apps.core.task_queues import oldest_waits
    from chatproject.celery import app

    try:
        with Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=BROKER_TIMEOUT_S,
            socket_connect_timeout=BROKER_TIMEOUT_S,
        ) as broker:
            broker.ping()
        replies = app.control.broadcast(
            "progress", reply=True, destination=[worker], timeout=REPLY_TIMEOUT_S
        )
    except BROKER_ERRORS as error:
        print(f"The broker is away, so the worker cannot be asked: {error}", file=sys.stderr)
        return True
    if not replies:
        return False
    [progress] = replies[0].values()
    waits = oldest_waits(progress["queues"]) or {}
    waited_s, idle_s = max(waits.values(), default=0.0), progress["idle_s"]
    if progress["running"] or min(waited_s, idle_s) <= standstill_s:
        return True
    print(
        f"A task has waited for {waited_s:.0f} s, and the worker is idle since {idle_s:.0f} s.",
        file=sys.stderr,
    )
    return False


def main() -> int:
    """Ask the worker that the argument names. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.worker_probe")
    parser.add_argument("kind", help="the name of the worker before the @ (--hostname of Celery)")
    return 0 if works(f"{parser.parse_args().kind}@{socket.gethostname()}") else 1


if __name__ == "__main__":
    sys.exit(main())
