"""One migrated database for all processes of a run: the first one makes it, the others copy it."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker

__all__ = ["django_db_modify_db_settings", "django_db_setup"]
NAME = "test_template"
EXISTS = "SELECT true FROM pg_database WHERE datname = %s"
LOCK = 1


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> Iterator[psycopg.Connection | None]:
    """Let Django copy the template. While there is none: a session in which the other processes
    wait for it."""
    # The server ends with the run. To drop a database takes a checkpoint.
    connection.creation.destroy_test_db = lambda *_, **__: None  # type: ignore[method-assign]
    if not hasattr(request.config, "workerinput"):
        yield None
        return
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not session.execute(EXISTS, [NAME]).fetchone():
            yield session
            return
    connection.settings_dict["TEST"]["TEMPLATE"] = NAME
    connection.creation.create_test_db = _copy  # type: ignore[method-assign]
    yield None


def _copy(verbosity: int, autoclobber: bool, serialize: bool, keepdb: bool) -> str:
    """As Django's `create_test_db`, without looking for migrations to be made."""
    creation = connection.creation
    name = creation._get_test_db_name()
    creation._create_test_db(verbosity, autoclobber, keepdb)
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    return name


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_modify_db_settings: psycopg.Connection | None,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Make the template of the database of this process, if it is the first one."""
    session = django_db_modify_db_settings
    if session is None:
        return
    with django_db_blocker.unblock():
        connection.close()
        connection.close_pool()
        names = NAME, connection.settings_dict["NAME"]
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    session.execute(copy.format(*map(sql.Identifier, names)))
    session.close()
