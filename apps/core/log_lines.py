"""Log lines, as text or JSON, without what PostgreSQL says of the rows that an error is about, and
without the secrets in addresses.

Its messages have a first line ('null value in column "sender_id" …') and details: 'Failing row
contains (…)' has the text of somebody's private message.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from django.db import Error as DjangoError
from psycopg import Error as PostgresError

from apps.core.context import current

LEFT_OUT = "(details left out)"
# Django logs the path of each request that fails, and of those that no view takes.
SECRET = re.compile(
    r"(/hooks/(?:responses/)?[0-9a-f-]{36}/"
    r"|/(?:join|with|digest/off|confirm-email|password/reset/key)/|(?<!/v1)/files/)[^\s/]+",
    re.IGNORECASE,
)


class LineFormatter(logging.Formatter):
    """Formats as usual, without the details of errors of the database, and secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines of the record."""
        return _shortened(super().format(record), record)


class WithoutDetails(logging.Formatter):
    """Formats as another formatter does, without what `LineFormatter` leaves out."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The lines of the record."""
        return _shortened(self._inner.format(record), record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `exception`; the id of the
    `request` or `connection`; and `ids`, those that the line is about."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of the record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _shortened(record.getMessage(), record),
        }
        if (context := current.get()) is not None:
            line[context.kind] = context.id
        line |= {name: str(value) for name, value in getattr(record, "ids", {}).items()}
        if record.exc_info:
            line["exception"] = _shortened(self.formatException(record.exc_info), record)
        return json.dumps(line, ensure_ascii=False)


def _shortened(text: str, record: logging.LogRecord) -> str:
    return SECRET.sub(r"\1…", _without_details(text, record))


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
