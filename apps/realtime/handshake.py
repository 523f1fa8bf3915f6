"""How a connection begins and ends, the same on every transport."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from ipaddress import ip_address
from uuid import UUID

from asgiref.typing import WWWScope

from apps.accounts.device_labels import MAX_AGENT_LENGTH
from apps.core import limits
from apps.core.client_address import address_behind_proxies
from apps.core.errors import Unavailable
from apps.core.metrics import CONNECTIONS
from apps.core.runtime import runtime
from apps.realtime.admission import Admitted
from apps.realtime.announced import Announced
from apps.realtime.authentication import Credentials
from apps.realtime.connection import Client, Connection
from apps.realtime.outgoing import Outgoing, Transport
from apps.realtime.server import Server, get_server

# How long a new connection waits for a thread and for PostgreSQL. Its client gives up soon after.
WELCOME_TIMEOUT_S = 10.0

# Each person's connections in this process, over all transports, resumed or not.
_counts: Counter[UUID] = Counter()


def check_attempt(scope: WWWScope, session_key: str) -> None:
    """Count an attempt to connect by address and by session, before the database is asked.

    Loopback addresses are not counted: they are the operator's programs, or a proxy that
    TRUSTED_PROXIES does not name, with all users behind it. Raises RateLimited.
    """
    address = client_address(scope)
    if not _is_loopback(address):
        limits.check(limits.CONNECTS_OF_ADDRESS, address)
    limits.check(limits.CONNECTS_OF_SESSION, session_key)


def client_address(scope: WWWScope) -> str:
    """The client's address in an ASGI scope."""
    peer = (scope.get("client") or ("", 0))[0]
    forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return address_behind_proxies(peer, b",".join(forwarded).decode("latin-1"))


def client(scope: WWWScope) -> Client:
    """The program that connects."""
    agents = [value for name, value in scope["headers"] if name == b"user-agent"]
    agent = b"".join(agents[:1])[:MAX_AGENT_LENGTH].decode("latin-1")
    return Client(agent, client_address(scope))


async def authenticate(credentials: Credentials) -> Admitted | None:
    """The person whom these credentials sign in, or None. Raises TimeoutError when the database
    does not answer in time. Then, and when the caller is cancelled, a read that has not begun never
    does. Raises Unavailable when this process has closed its connections: one more would be cut off
    without a response."""
    server = get_server()
    async with asyncio.timeout(WELCOME_TIMEOUT_S):
        admitted = await server.admissions.ask(credentials)
    if server.ending:
        raise Unavailable(retry_after=1)
    return admitted


def too_many(person: UUID) -> bool:
    """Whether a person has the most connections that one process allows them."""
    return _counts[person] >= runtime.CONNECTIONS_PER_PERSON


def open_connection(
    transport: Transport, server: Server, scope: WWWScope, admitted: Admitted
) -> Connection:
    """Create the connection of an authenticated person and send its `welcome`."""
    connection = Connection(
        person=admitted.welcome.me.id,
        session_key=admitted.session_key,
        outgoing=Outgoing(transport, server.hub.flusher),
        client=client(scope),
        scopes=admitted.scopes,
    )
    connection.announced = Announced(
        admitted.welcome.limits, admitted.welcome.motd, admitted.welcome.emoji
    )
    connection.send(admitted.welcome)
    return connection


@asynccontextmanager
async def connected(server: Server, connection: Connection) -> AsyncIterator[None]:
    """Register the connection until the block ends."""
    register(server, connection)
    try:
        yield
    finally:
        unregister(server, connection)


def register(server: Server, connection: Connection) -> None:
    """Make a new connection known to the hub and to presence."""
    _counts[connection.person] += 1
    CONNECTIONS.labels(connection.outgoing.transport).inc()
    server.hub.connections.add(connection)
    server.announcer.arrived(connection)
    try:
        server.presence.arrive(connection)
    except Exception:
        unregister(server, connection)
        raise


def unregister(server: Server, connection: Connection) -> None:
    """Forget a registered connection that has ended."""
    _counts[connection.person] -= 1
    CONNECTIONS.labels(connection.outgoing.transport).dec()
    if not _counts[connection.person]:
        del _counts[connection.person]
    connection.outgoing.abort()
    server.hub.disconnect(connection)
    server.presence.depart(connection)


@lru_cache(maxsize=1_000)
def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a Unix socket
        return True
