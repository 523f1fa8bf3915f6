"""A request to listen over HTTP: authenticates and resumes in one step, in place of the handshake
and the `resume` of a socket."""

from typing import Literal

import msgspec
from asgiref.typing import ASGIReceiveCallable, HTTPScope
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.asgi import ASGIRequest

from apps.core.errors import Invalid, RateLimited, SignedOut
from apps.realtime import authentication, handshake, http
from apps.realtime.admission import Admitted
from apps.realtime.authentication import Credentials
from apps.realtime.connection import Connection
from apps.realtime.outgoing import Transport
from apps.realtime.server import Server
from apps.wire.codec import decode
from apps.wire.commands import Resume

EMPTY_RESUME = '{"type":"resume","ref":"0"}'


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query string. `resume` is the command of that name, for a GET, which has no body;
    `after` is the token of the previous poll. `ticket` signs a stream in."""

    resume: str = EMPTY_RESUME
    state: Literal["active", "away"] = "active"
    after: str = ""
    ticket: str = ""


class ListenRequest(msgspec.Struct, frozen=True):
    """A parsed request. `frame` is its `resume` as it came."""

    credentials: Credentials
    query: Query
    frame: str
    resume: Resume


async def parse(scope: HTTPScope, receive: ASGIReceiveCallable) -> ListenRequest:
    """Read a request to listen. Raises Refused and Disconnected."""
    request = http.read_request(scope, methods=("GET", "POST"))
    query = _query(request)
    credentials = authentication.credentials_of(http.headers_of(request), ticket=query.ticket)
    frame = await http.read_body(receive) if request.method == "POST" else query.resume
    resume = decode(frame)
    if not isinstance(resume, Resume):
        raise Invalid("Listening begins with `resume`; POST other commands to /api/v1/commands.")
    return ListenRequest(credentials, query, frame, resume)


async def admit(scope: HTTPScope, request: ListenRequest) -> Admitted:
    """Authenticate the request. Raises SignedOut, RateLimited, TimeoutError and DatabaseError."""
    handshake.check_attempt(scope, request.credentials.session_key)
    admitted = await handshake.authenticate(request.credentials)
    if admitted is None:
        raise SignedOut
    if handshake.too_many(admitted.welcome.me.id):
        raise RateLimited("This person has too many connections.", retry_after=10)
    return admitted


def open_connection(
    transport: Transport,
    server: Server,
    scope: HTTPScope,
    *,
    request: ListenRequest,
    admitted: Admitted,
) -> Connection:
    """Create the connection of an admitted request."""
    connection = handshake.open_connection(transport, server, scope, admitted)
    connection.away = request.query.state == "away"
    return connection


def _query(request: ASGIRequest) -> Query:
    try:
        return msgspec.convert(request.GET.dict(), Query)
    except (msgspec.ValidationError, TooManyFieldsSent) as error:
        raise Invalid(str(error)) from None
