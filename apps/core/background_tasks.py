"""The decorator of background tasks, which look for due work and may be repeated or lost.

    @shared_task
    @background_task
    def send_scheduled() -> None:
        ...

Celery beat starts each task every few seconds, and wake-ups start it in between. So a run that
finds the same task running in this process returns at once, and a failed run needs no retry of its
own.
"""

import logging
from collections.abc import Callable
from functools import wraps
from threading import Lock

from apps.core.database import DATABASE_UNAVAILABLE, database_outages

logger = logging.getLogger(__name__)


def background_task(work: Callable[[], object]) -> Callable[[], None]:
    """Run `work` once at a time in this process, and log repeated failures once.

    If `work` hangs, the watchdog ends the process and with it the lock. An error that is not an
    outage of the database is logged once with its traceback, then not again until a run succeeds.
    """
    running = Lock()
    logged = ""

    @wraps(work)
    def run() -> None:
        nonlocal logged
        if not running.acquire(blocking=False):
            return
        try:
            work()
        except DATABASE_UNAVAILABLE as error:
            database_outages.failed(error)
        except Exception as error:
            if repr(error) != logged:
                logged = repr(error)
                logger.exception("Background task %s failed", work.__name__)
        else:
            logged = ""
            database_outages.recovered()
        finally:
            running.release()

    return run
