"""Real servers that tests share, and new people for each test.

The database is emptied after a module, not after each test: every test brings people and chats of
its own, so none sees another's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from pytest_django import DjangoDbBlocker

from apps.accounts.models import User
from apps.contacts.actions import contacts
from tests.support.client import Device
from tests.support.emptying import empty_tables_of_servers
from tests.support.epochs import keep_epoch
from tests.support.people import direct_chat, in_touch, person, session_of
from tests.support.servers import Server, Servers
from tests.support.static import collected_static

# What `import *` brings to a conftest.py of live tests: every fixture of this module. Anything else
# is imported by its name.
__all__ = [
    "cast",
    "db",
    "device",
    "fresh_servers",
    "one_server",
    "shared_database",
]

# One thread for the whole run: a server ends with the thread that started it.
_beside = ThreadPoolExecutor(1, thread_name_prefix="beside-the-loop")
TEST_TIMEOUT_S = 120.0
P = ParamSpec("P")
R = TypeVar("R")
Enter = Callable[..., Device]
# Limits have tests of their own.
NOBODY = "00000000-0000-0000-0000-000000000000"
LOOSE = {"SENDS_PER_SECOND": "100000", "LIMITS_TIMES": "10", "NEWCOMER_HOURS": "0"}


@pytest.fixture(scope="module")
def shared_database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database without a transaction around each test."""
    with django_db_blocker.unblock():
        yield
        cache.clear()
        _empty()
        connection.close()


def _empty() -> None:
    """Empty all tables. A server that writes several of them at the same time may deadlock with it,
    or hold a lock: five tries of at most 10 s each.

    Raises OperationalError that lists the sessions of the database after the last try.
    """
    for attempt in range(5):
        try:
            empty_tables_of_servers(lock_timeout="10s")
        except OperationalError as error:
            connection.close()
            if attempt == 4:
                error.add_note(_sessions())
                raise
        else:
            break


def _sessions() -> str:
    """What each session of the database does, and which ones block it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, pg_blocking_pids(pid), state, now() - xact_start, left(query, 200)"
            " FROM pg_stat_activity WHERE datname = current_database()"
        )
        return "\n".join(str(row) for row in cursor.fetchall())


@pytest.fixture
def db(shared_database: None) -> None:
    """In place of pytest-django's: what asks for `db` gets the shared database. (By this name
    pytest-django knows that the database must be made.)"""
    # A test of another module may have emptied it.
    keep_epoch()


@pytest.fixture(scope="session")
def servers(django_db_setup, django_db_blocker) -> Iterator[list[Server]]:
    """Two server processes that all tests of a worker share."""
    start = Servers()
    with django_db_blocker.unblock():
        yield start(2, **LOOSE)
        start.end()


@contextmanager
def server_of_browsers(
    blocker: DjangoDbBlocker, *, host: str = "127.0.0.1", **environment: str
) -> Iterator[Server]:
    """A server that serves static files as a release does; `environment` adds settings."""
    start, static = Servers(), str(collected_static())
    with blocker.unblock():
        yield start(host=host, STATIC_ROOT=static, **LOOSE, **environment)[0]
        start.end()


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker) -> Iterator[Server]:
    """One server for all browsers."""
    # The page of Teams' presence is there; no worker asks Microsoft.
    teams = {"GRAPH_TENANT": NOBODY, "GRAPH_CLIENT_ID": NOBODY, "GRAPH_CLIENT_SECRET": "none"}
    with server_of_browsers(django_db_blocker, BREAK_GLASS="true", **teams) as server:
        yield server


@pytest.fixture
def one_server(servers: list[Server]) -> Server:
    """One of the shared servers, for tests that ask for no more."""
    return servers[0]


@pytest.fixture
def fresh_servers(db: None) -> Iterator[Callable[..., list[Server]]]:
    """`fresh_servers(n, ...)` as `start_server`, also beside an event loop."""
    start = Servers()
    yield partial(database, start)
    start.end()


def database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `work` where there is no event loop, as Django demands. It blocks.

    A thread with a browser has one: what is changed there directly is told to no server, and is
    found by position, seconds later.
    """

    def run() -> R:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    return _beside.submit(run).result()


class Cast(NamedTuple):
    """Alice and Bob talk, Charlie is a stranger to both, Dana is blocked by Alice."""

    alice: User
    bob: User
    charlie: User
    dana: User
    chat: UUID


@pytest.fixture
def cast(db: None) -> Cast:
    """Four new people, and the chat of the first two."""
    return database(meet)


def meet() -> Cast:
    """Four new people; see `Cast`."""
    mark = uuid4().hex[:8]
    alice, bob, charlie, dana = (
        person(f"{name}-{mark}", name=name.title()) for name in ("alice", "bob", "charlie", "dana")
    )
    in_touch(alice, dana)
    contacts.block(alice.id, dana.id)
    return Cast(alice, bob, charlie, dana, direct_chat(alice, bob))


@pytest.fixture
async def device(pytestconfig: pytest.Config) -> AsyncIterator[Enter]:
    """`device(server, user)`: a new device with a session of its own; all leave with the test."""
    opened: list[Device] = []

    def make(server: Server | str, user: User, *, key: str = "") -> Device:
        address = server if isinstance(server, str) else server.url
        made = Device(address, key or database(session_of, user))
        opened.append(made)
        return made

    patience = TEST_TIMEOUT_S * (8 if pytestconfig.getoption("--long", default=False) else 1)
    deadline = asyncio.get_running_loop().call_later(patience, _give_up)
    yield make
    deadline.cancel()
    for each in opened:
        await each.cut()


def _give_up() -> None:
    """A test that waits without end fails where it waits."""
    for task in asyncio.all_tasks():
        task.cancel()
