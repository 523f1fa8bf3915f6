"""Log lines without what PostgreSQL says of the rows that an error is about.

Its messages have a first line ('null value in column "sender_id" …') and details: 'Failing row
contains (…)' has the text of somebody's private message.
"""

import logging
import re
from collections.abc import Iterator, Mapping

from django.db import Error as DjangoError
from psycopg import Error as PostgresError

LEFT_OUT = "(details left out)"


class LineFormatter(logging.Formatter):
    """Formats as usual, without the details of errors of the database."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines of the record."""
        return _without_details(super().format(record), record)


class WithoutDetails(logging.Formatter):
    """Formats as another formatter does, without the details of errors of the database."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The lines of the record."""
        return _without_details(self._inner.format(record), record)


def _without_details(text: str, record: logging.LogRecord) -> str:
    for error in _database_errors(record):
        first, *details = str(error).splitlines() or [""]
        if not details:
            continue
        short = f"{first} {LEFT_OUT}"
        # Lines in the traceback of a group of errors are indented.
        lines = r"\n[ |]*".join(map(re.escape, (first, *details)))
        text = re.sub(lines, short.replace("\\", r"\\"), text)
        text = text.replace(repr(str(error)), repr(short))
    return text


def _database_errors(record: logging.LogRecord) -> Iterator[BaseException]:
    """Those that are the message of the record, among its arguments, and in its traceback, with
    their causes."""
    args = record.args or ()
    given = (record.msg, *(args.values() if isinstance(args, Mapping) else args))
    waiting = [each for each in given if isinstance(each, BaseException)]
    if record.exc_info and record.exc_info[1]:
        waiting.append(record.exc_info[1])
    seen = set()
    while waiting:
        error = waiting.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        waiting += [each for each in (error.__cause__, error.__context__) if each]
        if isinstance(error, BaseExceptionGroup):
            waiting += error.exceptions
        if isinstance(error, DjangoError | PostgresError):
            yield error
