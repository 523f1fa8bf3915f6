"""`celery -A tests.support.hanging_worker worker`: the product's worker, with tasks that never end.

The time limit of tasks is LIMIT_S seconds.
"""

import ctypes
import threading

from chatproject.celery import app

LIMIT_S = 3
app.conf.task_time_limit = LIMIT_S
# Hanging tasks share the queue of pushes.
QUEUE = "push"


@app.task
def wait_without_end() -> None:
    """Wait without end, as on a socket without a timeout."""
    threading.Event().wait()


@app.task
def keep_the_interpreter() -> None:
    """Hold the interpreter in native code, so that no other thread runs Python."""
    ctypes.PyDLL(None).sleep(600)
