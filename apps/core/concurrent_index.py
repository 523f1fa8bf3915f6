"""Builds an index of a large table while people write, in a migration that can be run again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently

# A build waits for the end of all older transactions, such as a backup's. Nobody waits for it.
LOCK_TIMEOUT = "15min"
VALID = """
SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relname = %s AND pg_table_is_visible(c.oid)
"""


class AddIndexOnline(AddIndexConcurrently):
    """Keeps an index that an earlier run has built. Drops one whose build was stopped: it is
    invalid and has the name."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Build the index unless it is there."""
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(VALID, [self.index.name])
            found = cursor.fetchone()
            if found == (True,):
                return
            with _patient(cursor):
                if found:
                    name = schema_editor.quote_name(self.index.name)
                    cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                super().database_forwards(app_label, schema_editor, from_state, to_state)


@contextmanager
def _patient(cursor: Any) -> Iterator[None]:
    if settings.PGBOUNCER:  # the session may be another one for each statement
        yield
        return
    cursor.execute("SELECT current_setting('lock_timeout')")
    [before] = cursor.fetchone()
    set_timeout = "SELECT set_config('lock_timeout', %s, false)"
    cursor.execute(set_timeout, [LOCK_TIMEOUT])
    try:
        yield
    finally:
        cursor.execute(set_timeout, [before])
