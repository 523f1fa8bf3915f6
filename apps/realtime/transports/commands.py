"""Commands by POST, for clients that listen by a stream or by polling.

The body is one command or an array of them; the response holds one `ack` or `error` event for each.
"""

import msgspec
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import Error

from apps.accounts.actions import device_uses
from apps.accounts.queries.app_sessions import SignedIn
from apps.core.database import database_outages, refusal_of
from apps.core.errors import Invalid, Refused, SignedOut
from apps.core.wait_budget import REQUEST_TIMEOUT_S, WaitBudget
from apps.realtime import authentication, command_queue, handshake, http
from apps.realtime.authentication import Credentials
from apps.realtime.connection import Client
from apps.realtime.database import in_database_within
from apps.realtime.server import get_server
from apps.wire.codec import join

MAX_COMMANDS = 100
# In an outage each thread waits for a connection, and those who wait for a thread would be refused
# late.
OUTAGE_TIMEOUT_S = 2.5
_array_decoder = msgspec.json.Decoder(list[msgspec.Raw])


async def commands(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """One request and its response (an ASGI application)."""
    try:
        request = http.read_request(scope, methods=("POST",))
        credentials = authentication.credentials_of(http.headers_of(request))
        key = credentials.session_key
        body = await http.read_body(receive)
        budget = WaitBudget(_budget_s())
        # Authenticate before decoding the body: only users may cause that much work.
        if not command_queue.has_queue(key):
            handshake.check_attempt(scope, key)
        try:
            signed_in = await in_database_within(
                budget, _signed_in, credentials, handshake.client(scope)
            )
        except SignedOut:
            # The next attempt counts as one of a stranger.
            command_queue.forget(key)
            raise
        frames = _frames(body)
        server = get_server()
        replies = await command_queue.execute(
            server, frames, signed_in, session_key=key, budget=budget
        )
    except http.Disconnected:
        return
    except (Refused, Error) as error:
        await http.respond_refused(send, refusal_of(error))
        return
    await http.respond(send, join(replies))


def _budget_s() -> float:
    """How long a POST waits for threads, for earlier ones of its session and for PostgreSQL."""
    return OUTAGE_TIMEOUT_S if database_outages.lasts else REQUEST_TIMEOUT_S


def _signed_in(credentials: Credentials, client: Client) -> SignedIn:
    """Who sends. Counts as a use of their device. Raises SignedOut."""
    found = authentication.signed_in(credentials)
    if found is None:
        raise SignedOut
    device_uses.record([device_uses.Use(found.session_key, *client)])
    return found


def _frames(body: str) -> list[str]:
    """The commands in a body, each as text. Raises Invalid."""
    if not body.strip():
        raise Invalid("The body is empty.", pointer="#")
    if not body.lstrip().startswith("["):
        return [body]
    try:
        frames = _array_decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Invalid(str(error), pointer="#") from None
    if not 0 < len(frames) <= MAX_COMMANDS:
        raise Invalid(f"Send 1 to {MAX_COMMANDS} commands at a time.", pointer="#")
    return [bytes(each).decode() for each in frames]
