"""Every wait for PostgreSQL is limited, by the server's clock or by the client's."""

import os
import signal
import subprocess
import sys
import time
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from psycopg_pool import ConnectionPool

from apps.core import bounded_connection
from apps.core.bounded_connection import BoundedConnection, NoResponse, NoTimeLeft
from apps.core.database import database_outages, refusal_of
from apps.core.postgresql.base import PoolWithin
from apps.core.wait_budget import (
    REQUEST_TIMEOUT_S,
    WaitBudget,
    WaitBudgetMiddleware,
    current_budget,
    spending,
)
from chatproject.run.data_dir import CHECKOUT
from tests.support.servers import stores

SHOWN = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "client_connection_check_interval",
)
SETTINGS = """
import django
from django.conf import settings
print(settings.DATABASES["default"]["OPTIONS"].get("options"))
"""


@pytest.fixture
def own():
    """A connection used by this test only."""
    with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as other:
        made = BoundedConnection.connect(stores()["DATABASE_URL"])
        pid = made.info.backend_pid
        yield made
        made.close()
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


def test_the_server_ends_statements_lock_waits_and_idle_transactions(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*SHOWN]])
        shown = dict(cursor.fetchall())
    limit_ms = str(settings.DATABASE_TIMEOUT * 1000)
    assert [shown[name] for name in SHOWN] == [limit_ms, "1000", limit_ms, "1000"]


def test_pooled_connections_are_bounded(transactional_db):
    connection.ensure_connection()
    assert isinstance(connection.connection, BoundedConnection)
    assert connection.connection.statement_timeout_s == settings.DATABASE_TIMEOUT + 2


def test_the_wait_for_a_pooled_connection_is_part_of_the_budget(transactional_db):
    connection.close()
    budget = WaitBudget()
    with spending(budget):
        connection.ensure_connection()
    assert 0 < budget.left_s < REQUEST_TIMEOUT_S


def test_a_pool_without_a_free_connection_is_given_up_with_the_budget():
    with ConnectionPool(stores()["DATABASE_URL"], min_size=1, max_size=1) as pool:
        taken = pool.getconn()
        budget = WaitBudget(0.1)
        with pytest.raises(NoTimeLeft):
            PoolWithin(pool, budget).getconn()
        assert not budget.left_s
        pool.putconn(taken)
        pool.putconn(PoolWithin(pool, WaitBudget()).getconn())


def test_the_client_gives_up_at_its_deadline_and_closes(own):
    own.deadline = time.monotonic() + 0.2
    with pytest.raises(NoResponse), own.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    assert own.closed


def test_the_statements_of_a_request_share_its_time(own):
    budget = WaitBudget(60.0)
    with spending(budget), own.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.02)")
        assert budget.left_s <= 59.98
        budget.spend(59.8)
        with pytest.raises(NoTimeLeft):
            cursor.execute("SELECT pg_sleep(3)")
    assert own.closed
    assert budget.left_s == 0


def test_a_request_that_has_no_time_left_sends_nothing(own, monkeypatch):
    sent = []
    with spending(WaitBudget(0.0)), own.cursor() as cursor, pytest.MonkeyPatch.context() as patch:
        patch.setattr(BoundedConnection, "_wait", lambda *_: sent.append(True))
        with pytest.raises(NoTimeLeft) as refused:
            cursor.execute("SELECT 1")
    assert sent == []
    error = OperationalError()
    error.__cause__ = refused.value
    # The request was late, not PostgreSQL.
    monkeypatch.setattr(database_outages, "failed", sent.append)
    assert refusal_of(error).code == "unavailable"
    assert sent == []


@pytest.mark.parametrize(
    ("method", "path", "limited"),
    [
        ("POST", "/api/v1/receipts", True),
        ("DELETE", "/api/v1/me", True),
        ("GET", "/api/v1/me", False),
        ("POST", "/accounts/login/", False),
    ],
)
def test_changes_by_the_api_have_one_time_limit(rf, method, path, limited):
    seen = []

    def respond(request):
        seen.append(current_budget())
        return HttpResponse()

    WaitBudgetMiddleware(respond)(rf.generic(method, path))
    # A refusal comes within three seconds (docs/protocol.md).
    assert [budget is not None and budget.left_s < 3 for budget in seen] == [limited]
    assert current_budget() is None


def test_a_request_with_little_time_left_is_refused_before_its_commit(own):
    name = f"waits_{uuid4().hex}"
    own.cursor().execute(f"CREATE TABLE {name} ()")
    with spending(WaitBudget(bounded_connection.COMMIT_LEAST_S / 2)), pytest.raises(NoTimeLeft):
        own.commit()
    assert own.closed
    with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as other:
        assert other.execute("SELECT to_regclass(%s)", [name]).fetchone() == (None,)


def test_a_hanging_commit_times_out_and_closes_the_connection(own, monkeypatch):
    monkeypatch.setattr(bounded_connection, "COMMIT_TIMEOUT_S", 0.2)
    pid = own.info.backend_pid
    own.cursor().execute("CREATE TEMPORARY TABLE waits ()")
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(NoResponse):
            own.commit()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert own.closed


def statements_of_a_check(connection):
    """How many statements the pool's check sends."""
    seen = []
    connection.autocommit = True
    execute = psycopg.Cursor.execute

    def counted(cursor, query, *args, **kwargs):
        seen.append(query)
        return execute(cursor, query, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", counted)
        ConnectionPool.check_connection(connection)
    return len(seen)


def test_the_pool_asks_a_connection_only_when_it_has_been_silent(own, monkeypatch):
    own.cursor().execute("SELECT 1")
    own.rollback()
    monkeypatch.setattr(bounded_connection, "ALIVE_S", 60.0)
    assert statements_of_a_check(own) == 0
    monkeypatch.setattr(bounded_connection, "ALIVE_S", -1.0)
    assert statements_of_a_check(own) == 1


def test_the_pool_notices_at_once_that_a_backend_has_ended(own, monkeypatch):
    monkeypatch.setattr(bounded_connection, "ALIVE_S", 60.0)
    own.autocommit = True
    own.cursor().execute("SELECT 1")
    ConnectionPool.check_connection(own)
    with psycopg.connect(stores()["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [own.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        ConnectionPool.check_connection(own)


def test_a_timeout_is_an_operational_error_for_django_which_reconnects(transactional_db):
    with transaction.atomic(), connection.cursor() as cursor:
        connection.connection.deadline = time.monotonic() + 0.1
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_sleep(3)")
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("environment", "options"),
    [
        ({"PGBOUNCER": "true"}, "None"),
        ({"DATABASE_TIMEOUT": "0"}, "None"),
        ({"DATABASE_TIMEOUT": "60"}, "-c statement_timeout=60s -c lock_timeout=1s"),
    ],
)
def test_session_options_can_be_left_out(environment, options):
    """PgBouncer refuses them; `manage.py` and the release step must have no timeout."""
    done = subprocess.run(
        [sys.executable, "-c", SETTINGS],
        env={**os.environ, **environment},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(options)


def test_manage_py_has_no_statement_timeout():
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", SETTINGS],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_TIMEOUT"},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"
