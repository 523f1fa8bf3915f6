"""Reads the whole database as of one moment."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from apps.backups.digests import RowDigest

# Made from other tables, or of no use later: search is rebuilt, archives of exports are made again,
# counters of the rate limits begin again, and backups are listed at their destination.
LEFT_OUT = frozenset(
    {
        "accounts_cache",
        "accounts_export",
        "backups_backup",
        "chats_indexed",
        "chats_searchable",
        "django_migrations",
    }
)
TABLES = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname ORDER BY c.relname
"""
SEQUENCES = """
SELECT sequencename::text, last_value FROM pg_sequences
WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1
"""
# An object that is being written is doomed until something refers to it: after a restore nobody
# will finish it.
OBJECTS = "SELECT key, size FROM files_storedobject WHERE doomed_at IS NULL ORDER BY key"
POINT = """
SELECT now(), current_setting('server_version_num')::int / 10000,
    (SELECT id::text FROM wire_epoch ORDER BY began_at DESC LIMIT 1)
"""
Cursor = psycopg.Cursor[Any]


class Snapshot:
    """What one transaction sees that changes nothing (REPEATABLE READ)."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def point(self) -> tuple[datetime, int, str]:
        """When it is of, PostgreSQL's major version, and the epoch."""
        at, version, epoch = self._one(POINT)
        return at, version, epoch or ""

    def migrations(self) -> list[tuple[str, str]]:
        """The applied migrations."""
        self._cursor.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
        return [(app, name) for app, name in self._cursor]

    def tables(self) -> list[tuple[str, list[str]]]:
        """Each table of the backup with the columns that are stored."""
        self._cursor.execute(TABLES)
        return [(name, columns) for name, columns in self._cursor if name not in LEFT_OUT]

    def sequences(self) -> dict[str, int]:
        """The last number of each sequence, perhaps newer than the snapshot, which is harmless."""
        self._cursor.execute(SEQUENCES)
        return {name: last for name, last in self._cursor}

    def objects(self) -> list[tuple[str, int]]:
        """Keys and sizes of the objects that rows refer to."""
        self._cursor.execute(OBJECTS)
        return [(key, size) for key, size in self._cursor]

    def rows(self, table: str, columns: list[str], digest: RowDigest) -> Iterator[bytes]:
        """The rows of a table, a line each, while `digest` counts them."""
        with self._cursor.copy(copy_sql(table, columns, "TO STDOUT")) as copy:
            for block in copy:
                row = bytes(block)
                digest.add(row)
                yield row

    def _one(self, statement: str) -> Any:
        self._cursor.execute(statement)
        return self._cursor.fetchone()


def copy_sql(table: str, columns: list[str], direction: str) -> sql.Composed:
    """COPY of these columns in PostgreSQL's text format."""
    return sql.SQL("COPY {} ({}) {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(direction),
    )
