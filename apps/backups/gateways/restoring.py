"""Writes the tables of a backup into a database, which is marked as unfinished until the last step
(`restore_mark`)."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from apps.backups.digests import RowDigest
from apps.backups.errors import BackupError
from apps.backups.gateways import sessions
from apps.backups.gateways.restore_mark import MARK
from apps.backups.gateways.snapshot import Snapshot, copy_sql
from apps.backups.manifest import Manifest, Table

OLDEST_POSTGRESQL = 15
STATE = f"""
SELECT current_setting('server_version_num')::int / 10000,
    (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()),
    (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'),
    (SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()),
    to_regclass('accounts_user') IS NOT NULL, to_regclass('{MARK}') IS NOT NULL
"""  # noqa: S608  a constant
# Not those of extensions.
OBJECTS = f"""
SELECT format('DROP TABLE IF EXISTS %I CASCADE', relname) FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> '{MARK}'
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""  # noqa: S608  a constant
# Made again after the rows are there, which takes a fraction of the time.
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
"""
INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""
MEMORY = "256MB"
Cursor = psycopg.Cursor[Any]


def refuse_other_release(found: Manifest) -> None:
    """Raise BackupError unless this code has all migrations of the backup."""
    known = MigrationLoader(None).disk_migrations or {}
    unknown = [f"{app}.{name}" for app, name in found.migrations if (app, name) not in known]
    if unknown:
        raise BackupError(
            f"The backup is of a newer release, with the migration {unknown[0]}: install that "
            "release, or a newer one."
        )


def refuse_unfit_database() -> None:
    """Raise BackupError unless the database is empty, or has an unfinished restore, and no other
    program uses it."""
    close_pool()
    with sessions.transaction() as cursor:
        cursor.execute(STATE)
        version, encoding, others, tables, is_ours, is_marked = _row(cursor)
        if version < OLDEST_POSTGRESQL:
            raise BackupError(f"PostgreSQL is {version}: {OLDEST_POSTGRESQL} or newer is needed.")
        if encoding != "UTF8":
            raise BackupError(f"The database has the encoding {encoding}: make one with UTF8.")
        if others:
            raise BackupError(
                f"{others} other connections use the database: stop the server, its workers and "
                "other restores."
            )
        if is_marked or not tables:
            return
        if not is_ours:
            raise BackupError("The database has tables of another program: name an empty one.")
        cursor.execute("SELECT EXISTS (SELECT FROM accounts_user)")
        if cursor.fetchone() == (True,):
            raise BackupError(
                "This installation has accounts: a backup is restored into an empty one only."
            )


def close_pool() -> None:
    """Close the connections of this process."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL


def begin(backup: str) -> None:
    """Mark the database, then remove what is in it."""
    with sessions.transaction() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARK} (backup text, began_at timestamptz)")
        cursor.execute(f"INSERT INTO {MARK} VALUES (%s, now())", [backup])  # noqa: S608
    with sessions.transaction() as cursor:
        cursor.execute(OBJECTS)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def migrate(found: Manifest) -> None:
    """Make the tables of the backup's release."""
    executor = MigrationExecutor(connection)
    theirs = {(app, name) for app, name in found.migrations}
    graph = executor.loader.graph
    targets = [
        node
        for node in graph.nodes
        if node in theirs
        and not any(child.key in theirs for child in graph.node_map[node].children)
    ]
    executor.migrate(targets)
    close_pool()


def migrate_to_this_release() -> None:
    """Apply newer migrations, if there are any."""
    call_command("migrate", interactive=False, verbosity=0)
    close_pool()


class Load:
    """One transaction that fills the tables. It ends with all rows or with none."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._snapshot = Snapshot(cursor)
        self._later: list[sql.SQL] = []

    def begin(self, tables: Iterable[Table]) -> None:
        """Empty the tables, and set their indexes and foreign keys aside."""
        self._run("SELECT set_config('maintenance_work_mem', %s, true)", [MEMORY])
        self._set_aside()
        have = dict(self._snapshot.tables())
        for table in tables:
            if not set(table.columns) <= set(have.get(table.name, ())):
                raise BackupError(f"The table {table.name} of the backup fits no table here.")
        # What migrations have written; the other tables may refuse it (the audit log).
        filled = [name for name in have if self._has_rows(name)]
        if filled:
            names = sql.SQL(", ").join(map(sql.Identifier, filled))
            self._cursor.execute(sql.SQL("TRUNCATE {}").format(names))

    def fill(self, table: Table, blocks: Iterable[bytes]) -> None:
        """Write the rows of a table. Raises BackupError if they are others than in the manifest."""
        digest = RowDigest()
        with self._cursor.copy(copy_sql(table.name, table.columns, "FROM STDIN")) as copy:
            for block in blocks:
                digest.add_lines(block)
                copy.write(block)
        _compare(table, digest, "the backup")

    def finish(self, found: Manifest) -> None:
        """Make indexes and foreign keys, and read all rows again to compare them."""
        for statement in self._later:
            self._cursor.execute(statement)
        for name, last in found.sequences.items():
            self._run("SELECT setval(%s::regclass, %s)", [f'"{name}"', last])
        for table in found.tables:
            digest = RowDigest()
            for _ in self._snapshot.rows(table.name, table.columns, digest):
                pass
            _compare(table, digest, "the database")

    def _has_rows(self, table: str) -> bool:
        self._cursor.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
        )
        return self._cursor.fetchone() == (True,)

    def _set_aside(self) -> None:
        self._run(FOREIGN_KEYS)
        keys = self._cursor.fetchall()
        for table, name, _ in keys:
            self._run(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        self._run(INDEXES)
        for name, definition in self._cursor.fetchall():
            self._run(f"DROP INDEX {name}")
            self._later.append(sql.SQL(definition))
        self._later += [
            sql.SQL(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
            for table, name, definition in keys
        ]

    def _run(self, statement: str, values: list[Any] | None = None) -> None:
        self._cursor.execute(statement, values)


def finish() -> None:
    """Begin a new epoch, and remove the mark: the database can be served."""
    with sessions.transaction() as cursor:
        cursor.execute("DELETE FROM wire_epoch")
        cursor.execute("INSERT INTO wire_epoch (id, began_at) VALUES (gen_random_uuid(), now())")
        cursor.execute(f"DROP TABLE {MARK}")


def _row(cursor: Cursor) -> tuple[Any, ...]:
    [row] = cursor.fetchall()
    return tuple(row)


def _compare(table: Table, digest: RowDigest, where: str) -> None:
    if digest.rows != table.rows:
        raise BackupError(
            f"{table.name} has {digest.rows} rows in {where}, and {table.rows} in the manifest."
        )
    if digest.hexdigest() != table.digest:
        raise BackupError(f"{table.name} has other rows in {where} than the manifest says.")
