"""How a worker ends: it claims nothing more, and what is not finished in time is given back.

Celery waits for running tasks without a limit. A supervisor kills the process before that, and then
the claims of its tasks would last until their leases run out.
"""

import logging
import os
import threading
import time

from django.db import Error

from apps.core import claims
from apps.core.database import database_outages
from apps.core.draining import draining

logger = logging.getLogger(__name__)

# Supervisors wait a little longer before they kill (`stop_timeout_s` in chatproject/run/services).
DRAIN_TIMEOUT_S = 12.0


def begin() -> None:
    """Claim nothing from now on, and end the process if its tasks do not."""
    draining.set()
    threading.Thread(target=_give_up, name="drain", daemon=True).start()


def _give_up() -> None:
    time.sleep(DRAIN_TIMEOUT_S)
    try:
        given_back = claims.give_back()
    except Error as error:
        database_outages.failed(error)
    else:
        logger.warning("This worker ends before its tasks: %d claims are given back", given_back)
    # Not sys.exit(): it would wait for the tasks.
    os._exit(0)
