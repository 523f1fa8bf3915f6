"""`celery -A tests.support.hanging_worker worker`: the product's worker, with tasks that never end.

A task may take LIMIT_S seconds here.
"""

import ctypes
import threading

from chatproject.celery import app

LIMIT_S = 3
app.conf.task_time_limit = LIMIT_S
# Queues as in the product; these tasks are pushes' neighbours.
QUEUE = "push"


@app.task
def wait_for_ever() -> None:
    """Wait for what never comes, as on a socket without a timeout."""
    threading.Event().wait()


@app.task
def keep_the_interpreter() -> None:
    """Stay in native code, so that no other thread of the process runs Python."""
    ctypes.PyDLL(None).sleep(600)
