"""A request to listen over HTTP: authenticates and resumes in one step, in place of the handshake
and the `resume` of a socket."""

import asyncio
from typing import Literal

import msgspec
from asgiref.typing import ASGIReceiveCallable, HTTPScope
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.asgi import ASGIRequest

from apps.core.errors import Invalid, RateLimited, SignedOut
from apps.realtime import handshake, http
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.outgoing import Transport
from apps.realtime.server import Server
from apps.wire.codec import decode
from apps.wire.commands import Resume
from apps.wire.events import Welcome

EMPTY_RESUME = '{"type":"resume","ref":"0"}'


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query string. `resume` is the command of that name, for a GET, which has no body;
    `after` is the token of the previous poll."""

    resume: str = EMPTY_RESUME
    state: Literal["active", "away"] = "active"
    after: str = ""


class ListenRequest(msgspec.Struct, frozen=True):
    """A parsed request. `frame` is its `resume` as it came."""

    session_key: str
    query: Query
    frame: str
    resume: Resume


async def parse(scope: HTTPScope, receive: ASGIReceiveCallable) -> ListenRequest:
    """Read a request to listen. Raises Refused and Disconnected."""
    request = http.read_request(scope, methods=("GET", "POST"))
    key = http.session_key_of(request)
    query = _query(request)
    frame = await http.read_body(receive) if request.method == "POST" else query.resume
    resume = decode(frame)
    if not isinstance(resume, Resume):
        raise Invalid("Listening begins with `resume`; POST other commands to /api/v1/commands.")
    return ListenRequest(key, query, frame, resume)


async def admit(scope: HTTPScope, request: ListenRequest) -> Welcome:
    """Authenticate the request. Raises SignedOut, RateLimited, TimeoutError and DatabaseError."""
    handshake.check_attempt(scope, request.session_key)
    async with asyncio.timeout(handshake.WELCOME_TIMEOUT_S):
        welcomed = await in_database(_welcome, request.session_key)
    if handshake.too_many(welcomed.me.id):
        raise RateLimited("This person has too many connections.", retry_after=10)
    return welcomed


def open_connection(
    transport: Transport,
    server: Server,
    scope: HTTPScope,
    *,
    request: ListenRequest,
    welcomed: Welcome,
) -> Connection:
    """Create the connection of an admitted request."""
    key = request.session_key
    connection = handshake.open_connection(transport, server, scope, welcomed=welcomed, key=key)
    connection.away = request.query.state == "away"
    return connection


def _welcome(session_key: str) -> Welcome:
    welcomed = handshake.welcome(session_key)
    if welcomed is None:
        raise SignedOut
    return welcomed


def _query(request: ASGIRequest) -> Query:
    try:
        return msgspec.convert(request.GET.dict(), Query)
    except (msgspec.ValidationError, TooManyFieldsSent) as error:
        raise Invalid(str(error)) from None
