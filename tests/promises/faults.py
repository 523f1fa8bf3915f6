"""Faults of a running PostgreSQL, as context managers."""

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
    """DATABASE_URL for servers, with an application name that sets their sessions apart."""
    return f"{stores()['DATABASE_URL']}&application_name=faulty"


@contextmanager
def _administrator() -> Iterator[tuple[psycopg.Connection, str]]:
    """A session in another database of the server, and the name of the test's database."""
    url = urlsplit(stores()["DATABASE_URL"])
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as session:
        yield session, url.path[1:]


def _alter(change: str) -> None:
    """Alter the test's database and end the servers' sessions, so that new ones see the change."""
    with _administrator() as (session, name):
        session.execute(sql.SQL(f"ALTER DATABASE {{}} {change}").format(sql.Identifier(name)))
        session.execute(ENDED, [name])


@asynccontextmanager
async def altered(change: str, undo: str) -> AsyncIterator[None]:
    """Alter the test's database until the block ends."""
    await asyncio.to_thread(_alter, change)
    try:
        yield
    finally:
        await asyncio.to_thread(_alter, undo)


def read_only():
    """The database refuses writes."""
    return altered("SET default_transaction_read_only = on", "RESET default_transaction_read_only")


def away():
    """The database refuses connections."""
    return altered("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true")


@asynccontextmanager
async def locked_chat(chat: object) -> AsyncIterator[None]:
    """Another transaction locks a chat's row."""
    lock = held(CHAT, chat)
    await asyncio.to_thread(lock.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(lock.__exit__, None, None, None)


@asynccontextmanager
async def stopped_committer() -> AsyncIterator[None]:
    """Stop a backend that commits messages; end it afterwards."""
    with _administrator() as (session, name):
        pid = session.execute(COMMITTERS, [name]).fetchone()[0]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            session.execute("SELECT pg_terminate_backend(%s)", [pid])
            os.kill(pid, signal.SIGCONT)
