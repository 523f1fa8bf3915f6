"""What really goes to PostgreSQL: statements and round trips, counted by libpq's own trace.

Django counts only its own cursors; sending uses one of psycopg's.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class Traffic:
    """Filled when the `with` block ends."""

    def __init__(self) -> None:
        self.statements = 0
        self.round_trips = 0


@contextmanager
def traffic() -> Iterator[Traffic]:
    """Count what this thread's connection sends in the block."""
    connection.ensure_connection()
    seen = Traffic()
    with tempfile.TemporaryFile("w+") as file:
        connection.connection.pgconn.trace(file.fileno())
        try:
            yield seen
        finally:
            connection.connection.pgconn.untrace()
        file.seek(0)
        # Time, direction (F: to the server), length, message type, content.
        lines = [line.split("\t") for line in file]
    sent = [parts[3].strip() for parts in lines if len(parts) > 3 and parts[1] == "F"]
    seen.statements = sum(kind in ("Query", "Execute") for kind in sent)
    seen.round_trips = sum(kind in ("Query", "Sync") for kind in sent)
