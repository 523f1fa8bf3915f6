"""How a connection begins and ends, the same on every transport."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.core import limits
from apps.core.addresses import address_of
from apps.realtime import authentication
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.outgoing import Outgoing, Transport
from apps.realtime.server import Server
from apps.wire import bodies, events
from apps.wire.limits import MAX_FRAME_BYTES
from apps.wire.models import Epoch

# How long a new connection waits for a thread and for PostgreSQL. Its client gives up soon after.
WELCOME_TIMEOUT_S = 10.0

# Connections of each person in this process, of all transports, resumed or not.
_connections: Counter[UUID] = Counter()


def check_attempt(scope: dict[str, Any], session_key: str) -> None:
    """Count an attempt to connect by its address and its session, before the database is asked who
    it is. Raises RateLimited.

    Addresses of this machine are not counted: they are programs of the operator, or a proxy that
    TRUSTED_PROXIES does not name, behind which is everybody.
    """
    address = address_in(scope)
    if not _is_local(address):
        limits.check(limits.CONNECTS_OF_ADDRESS, address)
    limits.check(limits.CONNECTS_OF_SESSION, session_key)


def address_in(scope: dict[str, Any]) -> str:
    """The client's address of an ASGI scope."""
    peer = (scope.get("client") or ("", 0))[0]
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return address_of(peer, b",".join(forwarded).decode("latin-1"))


async def greeting(session_key: str) -> events.Welcome | None:
    """`welcome`, in a thread. Raises TimeoutError when the database does not answer in time;
    then, and when the caller is cancelled, work that has not begun is dropped."""
    async with asyncio.timeout(WELCOME_TIMEOUT_S):
        return await in_database(welcome, session_key)


def welcome(session_key: str) -> events.Welcome | None:
    """The first event for whoever is signed in with this session; None for nobody."""
    user = authentication.person_of(session_key)
    if user is None:
        return None
    return events.Welcome(
        epoch=Epoch.objects.values_list("id", flat=True).latest("began_at"),
        me=profiles.me_body(user),
        time=timezone.now(),
        limits=bodies.Limits(text_length=settings.TEXT_LENGTH - 1, frame_bytes=MAX_FRAME_BYTES),
        release=settings.STATIC_RELEASE,
    )


def too_many(person: UUID) -> bool:
    """Whether somebody has as many connections here as a person may have."""
    return _connections[person] >= settings.CONNECTIONS_PER_PERSON


def open_connection(
    transport: Transport, server: Server, *, welcomed: events.Welcome, key: str
) -> Connection:
    """A connection of the person who was welcomed with session `key`; they are greeted."""
    connection = Connection(
        person=welcomed.me.id,
        session_key=key,
        outgoing=Outgoing(transport, server.hub.flusher),
    )
    connection.send(welcomed)
    return connection


@asynccontextmanager
async def connected(server: Server, connection: Connection) -> AsyncIterator[None]:
    """For as long as this lasts, the hub knows the connection and its person is here."""
    _connections[connection.person] += 1
    server.hub.connections.add(connection)
    try:
        server.presence.arrive(connection)
        yield
    finally:
        _forget(connection.person)
        connection.outgoing.abort()
        server.hub.disconnect(connection)
        server.presence.depart(connection)


def _forget(person: UUID) -> None:
    _connections[person] -= 1
    if not _connections[person]:
        del _connections[person]


def _is_local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket of the file system
        return True
