"""Lets one bad row not stop the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger

from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict


@contextmanager
def skip_failed(logger: Logger, message: str, *args: object) -> Iterator[None]:
    """Log what fails in the block as `message`, and go on behind it.

    Raises an error of a PostgreSQL that is unavailable: each further row would wait for it, too. A
    row that another transaction has locked is passed over without a line.
    """
    try:
        yield
    except DATABASE_UNAVAILABLE as error:
        if not is_lock_conflict(error):
            raise
    except Exception:
        logger.exception(message, *args)
