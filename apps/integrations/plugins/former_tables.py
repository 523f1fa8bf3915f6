"""The tables of plugins that are switched off or removed. Nothing of such a plugin is loaded, so
what it stores about a person is found by the names of tables and columns."""

import logging
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from apps.integrations.plugins.discovery import NAME

logger = logging.getLogger(__name__)
# Of one table in one part of a deletion.
MAX_ROWS = 500
# Not those of the next release: it may migrate before the processes of this one end.
LABELS = """
SELECT app FROM django_migrations GROUP BY app HAVING max(applied) < now() - interval '1 day'
"""
# The columns of type uuid that name a person: `user_id`, and references to accounts. A row is about
# the person if it cannot be without them.
COLUMNS = """
SELECT c.relname, a.attname, a.attnotnull OR a.attname = 'user_id'
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
    AND split_part(c.relname, '_', 1) = ANY(%(first)s) AND a.atttypid = 'uuid'::regtype
    AND (a.attname = 'user_id' OR EXISTS (
        SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = c.oid
            AND f.confrelid = 'accounts_user'::regclass AND f.conkey = ARRAY[a.attnum]))
ORDER BY c.relname, a.attname
"""
DELETE = """
DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {column} = %s LIMIT %s)
"""
CLEAR = """
UPDATE {table} SET {column} = NULL
WHERE ctid IN (SELECT ctid FROM {table} WHERE {column} = %s LIMIT %s)
"""


def erase(user_id: UUID) -> int:
    """Delete some of the rows about a person, and take the person out of others. Returns how many;
    0 when nothing is left.

    Rows that others refer to stay, and are logged: only their plugin knows what to do.
    """
    return sum(_delete(*column, user_id) for column in _columns())


def _columns() -> list[tuple[str, str, bool]]:
    """Table, column, and whether its rows are about the person."""
    loaded = {each.label for each in apps.get_app_configs()}
    own = set(connection.introspection.django_table_names())
    with connection.cursor() as cursor:
        cursor.execute(LABELS)
        labels = {label for (label,) in cursor} - loaded
        labels = {label for label in labels if NAME.fullmatch(label)}
        if not labels:
            return []
        cursor.execute(COLUMNS, {"first": [label.split("_")[0] for label in labels]})
        found = list(cursor)
    former, others = (tuple(f"{label}_" for label in some) for some in (labels, loaded))
    return [
        each
        for each in found
        if each[0].startswith(former) and not each[0].startswith(others) and each[0] not in own
    ]


def _delete(table: str, column: str, is_about: bool, user_id: UUID) -> int:
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
    statement = sql.SQL(DELETE if is_about else CLEAR).format(**names)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [user_id, MAX_ROWS])
            deleted: int = cursor.rowcount
            # Now, not at the commit: the deletion of the account must not fail with it.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except IntegrityError:
        logger.warning("rows of a plugin that is not loaded cannot be deleted: %s", table)
        return 0
    return deleted
