"""`python -m tests.support.late_reading`: a web process whose connections join with snapshots of
different age, like those of people with a few and with thousands of chats.

Reads of the hub itself, in other threads, are not delayed.
"""

import os
import random
import threading
import time
from contextlib import contextmanager

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")

from chatproject import asgi  # noqa: F401  makes the apps ready
from chatproject.run import web

from apps.realtime import change_feed  # isort: skip

OLDEST_S = 0.8
_snapshot = change_feed.snapshot


@contextmanager
def _late():
    with _snapshot():
        yield
    if threading.current_thread().name.startswith("realtime-database"):
        time.sleep(random.uniform(0, OLDEST_S))


if __name__ == "__main__":
    change_feed.snapshot = _late
    web.main()
