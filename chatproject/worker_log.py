"""Log filters of a worker: one line when it loses the broker, one when the broker is back."""

import logging
import warnings

from celery.exceptions import CPendingDeprecationWarning, OperationalError
from celery.worker import request
from celery.worker.consumer import connection, consumer
from redis import RedisError

from apps.core.task_wakeup import broker_outages

BROKER_ERRORS = (OSError, RedisError, OperationalError)


def install() -> None:
    """Replace Celery's log lines about the broker by two lines for each outage.

    Celery logs an error for each attempt to connect, and a traceback for each task that it could
    not acknowledge to the broker.
    """
    for module in (consumer, request):
        logging.getLogger(module.__name__).addFilter(_is_not_about_broker)
    connected = logging.getLogger(connection.__name__)
    connected.addFilter(_note_connection)
    # The line about a new connection has this level; without it no record reaches the filter.
    connected.setLevel(logging.INFO)
    # Celery repeats this warning about its next major version with each lost connection.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


def _is_not_about_broker(record: logging.LogRecord) -> bool:
    for error in (*(record.args or ()), *(record.exc_info or ())):
        if isinstance(error, BROKER_ERRORS):
            broker_outages.failed(error)
            return False
    return True


def _note_connection(record: logging.LogRecord) -> bool:
    broker_outages.recovered()
    return False
