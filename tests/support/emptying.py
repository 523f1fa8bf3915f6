"""Empties the tables after a test that committed, twenty times as fast as Django's flush.

Flush truncates every table, which makes new files for each, and then creates all permissions again.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

# Their rows are those that migrations make.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}
# Of larger tables the deletion would take longer than a new file.
LARGE_BYTES = 1_000_000
EMPTY = """
DO $$
DECLARE name text; used boolean;
BEGIN
    -- Without triggers of foreign keys: everything goes.
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY ARRAY[{tables}] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO used;
        IF used AND pg_relation_size(quote_ident(name)) > {large} THEN
            EXECUTE format('TRUNCATE %I CASCADE', name);
        ELSIF used THEN
            EXECUTE format('DELETE FROM %I', name);
        END IF;
    END LOOP;
END $$
"""


@cache
def _tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)


@cache
def _statement() -> str:
    tables = ", ".join(f"'{name}'" for name in _tables())
    return EMPTY.format(tables=tables, large=LARGE_BYTES)


def empty_tables() -> None:
    """Delete all rows of all tables but KEPT."""
    with connection.cursor() as cursor:
        cursor.execute(_statement())


@transaction.atomic
def empty_tables_of_servers(lock_timeout: str) -> None:
    """As `empty_tables`, while servers run: wait until no transaction writes, and begin before
    others, so that none stores rows of people who are deleted. Raises OperationalError after the
    timeout, and for a deadlock."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{lock_timeout}'")
        cursor.execute(f"LOCK TABLE {', '.join(_tables())} IN SHARE ROW EXCLUSIVE MODE")
    empty_tables()


@pytest.fixture(scope="module")
def shared_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[Callable[..., Any]]:
    """`shared_rows(build)` commits what `build` makes, once for a module whose tests roll their own
    changes back. A test that commits empties the tables: such tests come last in a module, and make
    their own rows after `empty_tables()`."""

    def make(build: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock():
            return build()

    yield make
    with django_db_blocker.unblock():
        empty_tables()


def use_for_all_tests() -> None:
    """Let Django empty tables in this way after each test that commits."""
    TransactionTestCase._fixture_teardown = lambda _: empty_tables()  # type: ignore[method-assign]
