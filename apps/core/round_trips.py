"""One round trip for the statements that lock and write a batch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import connection
from psycopg.rows import RowFactory

R = TypeVar("R")


@contextmanager
def one_round_trip(
    rows: RowFactory[R], *, lock_timeout_ms: int | None
) -> Iterator[tuple[psycopg.RawCursor[Any], psycopg.RawCursor[R]]]:
    """Two cursors, one for statements that lock and one for the statement that returns `rows`. What
    they execute leaves together, when rows are fetched or the block ends.

    Plain psycopg cursors bind parameters on the server, and the connections of group commit and of
    receipts prepare their statements once (`use_dedicated_connection`). `lock_timeout_ms` limits
    each wait for a lock more tightly than the connection does. Raises Django's database errors.
    """
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with (
        connection.wrap_database_errors,
        raw.pipeline(),
        psycopg.RawCursor(raw) as lock,
        psycopg.RawCursor(raw, row_factory=rows) as write,
    ):
        if lock_timeout_ms is not None:
            lock.execute(f"SET LOCAL lock_timeout = {lock_timeout_ms:d}", prepare=True)
        yield lock, write
