"""The long-polling transport: each response carries one frame, and a `Parley-Next` token for the
next request.

A resume that exceeds a frame takes several requests. A connection lives on between a response and
the next request, so that no event falls between them: until then it is a peer that does not read.
Only this process knows it. A request whose token finds no connection (it reached another process,
came too late, or the response was lost) opens a new one from the cursors that every request
carries.
"""

import asyncio
from random import uniform

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import Error

from apps.core.database import refusal_of
from apps.core.errors import Invalid, RateLimited, Refused, SignedOut, Unavailable
from apps.realtime import http, listen_request
from apps.realtime.listen_request import ListenRequest
from apps.realtime.server import get_server
from apps.realtime.transports.polled_connection import (
    PolledConnection,
    PollTransport,
    waiting,
)
from apps.wire.close_codes import CloseCode

NEXT_HEADER = "Parley-Next"
# Clients of a process that ends come back spread over this time.
RECONNECT_SPREAD_S = 10.0


async def poll(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One request and its response (an ASGI application)."""
    disconnected = None
    try:
        request = await listen_request.parse(scope, receive)
        disconnected = asyncio.ensure_future(http.wait_for_disconnect(receive))
        found = await _find(request) or await _open(scope, request, disconnected)
        await _respond(found, disconnected, send)
    except http.Disconnected:
        return
    except (Refused, Error, TimeoutError) as error:
        await http.respond_refused(send, refusal_of(error))
    finally:
        if disconnected is not None:
            disconnected.cancel()


async def _find(request: ListenRequest) -> PolledConnection | None:
    found = waiting.get(request.query.after)
    if found is None or found.connection.session_key != request.credentials.session_key:
        return None
    found.claim()
    # Clients that poll too fast get more events per response.
    await asyncio.sleep(found.rate.acquire())
    away = request.query.state == "away"
    found.server.presence.connected.set_away(found.connection, away=away)
    found.transport.accept_request()
    return found


async def _open(
    scope: HTTPScope, request: ListenRequest, disconnected: "asyncio.Future[None]"
) -> PolledConnection:
    server = get_server()
    if request.query.ticket:
        raise Invalid("Polls send a token: a ticket works only once.", pointer="#/ticket")
    key = request.credentials.session_key
    for old in [each for each in waiting.values() if each.connection.session_key == key]:
        old.close()
    admitting = listen_request.admit(scope, request)
    admitted = await http.unless_disconnected(admitting, disconnected)
    transport = PollTransport(server.loop)
    connection = listen_request.open_connection(
        transport, server, scope, request=request, admitted=admitted
    )
    opened = PolledConnection(server, connection, transport)
    opened.start_resume(request)
    return opened


async def _respond(
    found: PolledConnection, disconnected: "asyncio.Future[None]", send: ASGISendCallable
) -> None:
    transport = found.transport
    outcomes = (transport.response, transport.closed, disconnected)
    await asyncio.wait(outcomes, return_when=asyncio.FIRST_COMPLETED)
    if transport.closed.done():
        raise _refusal(transport.closed.result())
    if not transport.response.done():
        found.close()
        return
    if found.connection.leaving:
        # Without a token the next request begins again, and the process that gets it serves it.
        await http.respond(send, transport.response.result())
        found.close()
        return
    headers = http.LIVE_HEADERS | {NEXT_HEADER: found.wait_for_next()}
    await http.respond(send, transport.response.result(), headers)


def _refusal(code: CloseCode) -> Refused:
    if code == CloseCode.SIGNED_OUT:
        return SignedOut()
    if code == CloseCode.TOO_MANY:
        return RateLimited(retry_after=10)
    if code == CloseCode.RESTARTING:
        # All polls get this at the same moment; clients of the other transports spread by
        # themselves, as the close code says.
        wait = uniform(1, RECONNECT_SPREAD_S)  # noqa: S311  # nosec B311  no secret
        return Unavailable(retry_after=wait)
    return Unavailable()
