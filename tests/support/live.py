"""Real servers for the tests of a module, and people made anew for each test.

The database is emptied after the module, not after each test: every test brings people and chats
of its own, so none sees another's.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, ParamSpec, TypeVar
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import User
from apps.contacts.actions import contacts
from tests.support.client import Device
from tests.support.people import direct_chat, in_touch, person, session_of
from tests.support.servers import Server, Servers

P = ParamSpec("P")
R = TypeVar("R")
Enter = Callable[..., Device]
# Limits have tests of their own.
LOOSE = {"SENDS_PER_SECOND": "100000"}


@pytest.fixture(scope="module")
def shared_database(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The test database without a transaction around each test."""
    with django_db_blocker.unblock():
        yield
        cache.clear()
        call_command("flush", verbosity=0, interactive=False)
        connection.close()


@pytest.fixture
def db(shared_database: None) -> None:
    """In place of pytest-django's: what asks for `db` gets the shared database. (By this name
    pytest-django knows that the database must be made.)"""


@pytest.fixture(scope="module")
def servers(shared_database: None) -> Iterator[list[Server]]:
    """Two server processes that share the module."""
    start = Servers()
    yield start(2, **LOOSE)
    start.end()


@pytest.fixture(scope="module")
def one_server(shared_database: None) -> Iterator[Server]:
    """One server process that the module shares."""
    start = Servers()
    [server] = start(1, **LOOSE)
    yield server
    start.end()


@pytest.fixture
def fresh_servers(db: None) -> Iterator[Servers]:
    """Starts servers that end with the test."""
    start = Servers()
    yield start
    start.end()


def database(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call `work` where there is no event loop, as Django demands. Short things only: it blocks."""

    def run() -> R:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


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
    mark = uuid4().hex[:8]
    alice, bob, charlie, dana = (
        person(f"{name}-{mark}", name=name.title()) for name in ("alice", "bob", "charlie", "dana")
    )
    in_touch(alice, dana)
    contacts.block(alice.id, dana.id)
    return Cast(alice, bob, charlie, dana, direct_chat(alice, bob))


@pytest.fixture
async def device() -> AsyncIterator[Enter]:
    """`device(server, user)`: a new device with a session of its own; all leave with the test."""
    opened: list[Device] = []

    def make(server: Server | str, user: User, *, key: str = "") -> Device:
        address = server if isinstance(server, str) else server.url
        made = Device(address, key or database(session_of, user))
        opened.append(made)
        return made

    yield make
    for each in opened:
        await each.cut()
