"""What can be wrong with PostgreSQL while it is up, and how to end it again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.support.locks import CHAT, held
from tests.support.servers import stores

ENDED = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = %s AND application_name LIKE 'faulty%%'
"""
COMMITTERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = %s AND application_name = 'faulty-commit' ORDER BY backend_start DESC
"""


def address() -> str:
    """DATABASE_URL for servers whose sessions are told from the tests' own by their name."""
    return f"{stores()['DATABASE_URL']}&application_name=faulty"


@contextmanager
def _beside() -> Iterator[tuple[psycopg.Connection, str]]:
    """A session of the server, outside of the test's database, and that database's name."""
    url = urlsplit(stores()["DATABASE_URL"])
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as session:
        yield session, url.path[1:]


def _alter(change: str) -> None:
    """Change the test's database and end the servers' sessions, so that new ones see it."""
    with _beside() as (session, name):
        session.execute(sql.SQL(f"ALTER DATABASE {{}} {change}").format(sql.Identifier(name)))
        session.execute(ENDED, [name])


@asynccontextmanager
async def changed(there: str, back: str) -> AsyncIterator[None]:
    """Change the test's database for as long as this lasts."""
    await asyncio.to_thread(_alter, there)
    try:
        yield
    finally:
        await asyncio.to_thread(_alter, back)


def read_only():
    """The database takes no writes."""
    return changed("SET default_transaction_read_only = on", "RESET default_transaction_read_only")


def away():
    """The database takes no connections."""
    return changed("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true")


@asynccontextmanager
async def held_chat(chat: object) -> AsyncIterator[None]:
    """Somebody else's transaction holds a chat's row."""
    lock = held(CHAT, chat)
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(lock.__exit__, None, None, None)


@asynccontextmanager
async def stopped_committer() -> AsyncIterator[None]:
    """A backend that commits messages stands still; it is ended afterwards."""
    with _beside() as (session, name):
        pid = session.execute(COMMITTERS, [name]).fetchone()[0]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            session.execute("SELECT pg_terminate_backend(%s)", [pid])
            os.kill(pid, signal.SIGCONT)
