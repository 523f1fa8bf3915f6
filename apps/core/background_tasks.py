"""What every background task has in common: it looks for due work, and can be repeated or lost.

    @shared_task
    @background_task
    def send_scheduled() -> None:
        ...

Beat runs each of them every few seconds, and wake-ups come in between. So a run that finds the
same task already running in this process has nothing to do, and a run that fails is tried again
without anybody's help.
"""

import logging
from collections.abc import Callable
from functools import wraps
from threading import Lock

from apps.core.database import DATABASE_UNAVAILABLE, database_outages

logger = logging.getLogger(__name__)


def background_task(work: Callable[[], object]) -> Callable[[], None]:
    """Run `work` one at a time in this process, and keep repeated failures out of the log.

    The lock ends with its process if `work` hangs: the watchdog sees to that. A failure that is
    not the database's is logged with its traceback once, then not until the task has succeeded.
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
