"""Asks a Celery worker of this machine whether it works: a health check for containers.

`python -m chatproject.run.worker_probe push` asks the worker `push@HOSTNAME` through the broker,
and exits with 1 when it does not respond. While the broker is away no worker can be asked, and
starting one again would not help: it exits with 0, as the process lives. Tasks that hang are the
business of `chatproject.watchdog`.
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


def works(worker: str) -> bool:
    """Whether a worker, by its whole name, responds. True while the broker is away."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    from django.conf import settings

    from chatproject.celery import app

    try:
        with Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=BROKER_TIMEOUT_S,
            socket_connect_timeout=BROKER_TIMEOUT_S,
        ) as broker:
            broker.ping()
        return bool(app.control.ping(destination=[worker], timeout=REPLY_TIMEOUT_S))
    except BROKER_ERRORS as error:
        print(f"The broker is away, so the worker cannot be asked: {error}", file=sys.stderr)
        return True


def main() -> int:
    """Ask the worker that the argument names. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.worker_probe")
    parser.add_argument("kind", help="the name of the worker before the @ (--hostname of Celery)")
    return 0 if works(f"{parser.parse_args().kind}@{socket.gethostname()}") else 1


if __name__ == "__main__":
    sys.exit(main())
