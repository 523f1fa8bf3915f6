"""A release whose migrations are stopped by other transactions, and run again."""

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from apps.core import concurrent_index
from chatproject.run import release

pytestmark = pytest.mark.django_db(transaction=True)
# The last migration of the release before.
FORMER = "0019_one_form_of_emoji"


@pytest.fixture
def former_release():
    """The database as the release before left it."""
    call_command("migrate", "chats", FORMER, verbosity=0)
    yield
    call_command("migrate", verbosity=0)


@pytest.fixture
def other():
    """The connection of somebody else, as a backup's."""
    with connection.cursor():
        params = connection.connection.info.get_parameters()
        password = connection.connection.info.password
    with psycopg.connect(**params, password=password) as found:
        yield found
        found.rollback()


@pytest.mark.parametrize(
    ("reads", "isolation", "invalid"),
    [
        ("chats_message", psycopg.IsolationLevel.READ_COMMITTED, 0),
        ("chats_member", psycopg.IsolationLevel.READ_COMMITTED, 0),
        # Its old snapshot stops the build of an index in the middle.
        ("chats_chat", psycopg.IsolationLevel.REPEATABLE_READ, 1),
    ],
)
def test_a_release_waits_for_another_transaction_or_is_started_again(
    former_release, other, monkeypatch, reads, isolation, invalid
):
    monkeypatch.setattr(release, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(concurrent_index, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(release, "LOCK_ATTEMPTS", 2)
    pauses = []
    monkeypatch.setattr(release.time, "sleep", pauses.append)
    other.isolation_level = isolation
    other.execute(f"SELECT count(*) FROM {reads}")

    with pytest.raises(OperationalError):
        release.apply_migrations()
    assert pauses == [release.LOCK_PAUSE_S]
    assert invalid_indexes() == invalid

    monkeypatch.setattr(release.time, "sleep", lambda _: other.rollback())
    release.apply_migrations()
    assert release.pending_migrations() == 0
    assert invalid_indexes() == 0


def test_two_processes_do_not_migrate_at_once(former_release, other, monkeypatch):
    count = release.pending_migrations()
    other.execute("SELECT pg_advisory_xact_lock(%s)", [release.MIGRATING_NUMBER])
    pending = []

    def pause(_: float) -> None:
        pending.append(release.pending_migrations())
        if len(pending) == 2:
            other.rollback()

    monkeypatch.setattr(release.time, "sleep", pause)
    release.apply_migrations()
    assert pending == [count, count]
    assert release.pending_migrations() == 0


def invalid_indexes():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        return cursor.fetchone()[0]


def test_who_waits_for_a_release_ends_when_it_is_applied(former_release, monkeypatch, capfd):
    printed: list[str] = []

    def pause(_: float) -> None:
        printed.append(capfd.readouterr().out)
        release.apply_migrations()

    count = release.pending_migrations()
    monkeypatch.setattr(release.time, "sleep", pause)
    release.wait_for_database()
    assert printed == [f"waiting for {count} migrations\n"]
    assert release.pending_migrations() == 0


def test_who_waits_for_postgresql_says_why(monkeypatch, tmp_path):
    """A wrong password or certificate would otherwise be waited for without a word about it."""
    away = {**connection.get_connection_params(), "host": str(tmp_path)}
    monkeypatch.setattr(connection, "get_connection_params", lambda: away)

    def no_connection() -> int:
        raise OperationalError

    monkeypatch.setattr(release, "pending_migrations", no_connection)
    assert f'"{tmp_path}/.s.PGSQL' in release._waited_for()
