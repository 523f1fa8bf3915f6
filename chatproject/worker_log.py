"""One line when a worker loses its broker, and one when it has it again."""

import logging
import warnings

from celery.exceptions import CPendingDeprecationWarning, OperationalError
from celery.worker import request
from celery.worker.consumer import connection, consumer
from redis import RedisError

from apps.core.task_wakeup import broker_outages

BROKER_ERRORS = (OSError, RedisError, OperationalError)


def install() -> None:
    """Have the worker's lines about the broker counted instead of written.

    Celery writes an error for each attempt to connect, and a traceback for each task whose end
    could not be told to the broker.
    """
    for module in (consumer, request):
        logging.getLogger(module.__name__).addFilter(_is_about_something_else)
    connected = logging.getLogger(connection.__name__)
    connected.addFilter(_note_connection)
    # The line that says so is information, which is otherwise not made at all.
    connected.setLevel(logging.INFO)
    # With each lost connection it announces what a later major version will do.
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)


def _is_about_something_else(record: logging.LogRecord) -> bool:
    told = [*(record.args or ()), *(record.exc_info or ())]
    for error in told:
        if isinstance(error, BROKER_ERRORS):
            broker_outages.failed(error)
            return False
    return True


def _note_connection(record: logging.LogRecord) -> bool:
    broker_outages.recovered()
    return False
