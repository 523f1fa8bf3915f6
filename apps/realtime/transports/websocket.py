"""The WebSocket transport: framing, and the beginning and end of a connection.

Its own receive loop on bare ASGI: Channels' consumers wait on two tasks a message, which is half
of what a message costs here.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error

from apps.core.database import refusal_of
from apps.realtime import authentication, connecting, origin
from apps.realtime.database import in_database
from apps.realtime.dispatch import Dispatch
from apps.realtime.server import Server, server
from apps.realtime.session import Session
from apps.wire.closing import CloseCode

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
RESUME_WITHIN = 10.0


class Frames:
    """Writes WebSocket frames."""

    __slots__ = ("_send",)

    def __init__(self, send: Send) -> None:
        self._send = send

    def write(self, frame: str) -> Awaitable[None]:
        """One text frame."""
        return self._send({"type": "websocket.send", "text": frame})

    def end(self, code: CloseCode) -> Awaitable[None]:
        """The close frame."""
        return self._send({"type": "websocket.close", "code": int(code)})


async def websocket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One connection, from its handshake to its end."""
    await receive()
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] != "/ws" or not origin.allowed(
        headers.get(b"origin", ""), headers.get(b"host", "")
    ):
        await send({"type": "websocket.close", "code": 4403})
        return
    line = Frames(send)
    try:
        key = authentication.session_key_of(headers.get(b"cookie", ""))
        welcomed = await in_database(connecting.welcome, key) if key else None
    except Error as error:
        refusal_of(error)
        await send({"type": "websocket.accept"})
        await line.end(CloseCode.RESTARTING)
        return
    await send({"type": "websocket.accept"})
    if key is None or welcomed is None:
        await line.end(CloseCode.SIGNED_OUT)
        return
    running = server()
    if connecting.too_many(running, welcomed.me.id):
        await line.end(CloseCode.TOO_MANY)
        return
    session = connecting.session_on(line, running, welcomed=welcomed, key=key)
    async with connecting.connected(running, session):
        await _talk(running, session, receive)


async def _talk(running: Server, session: Session, receive: Receive) -> None:
    dispatch = Dispatch(running, session)
    overdue = running.loop.call_later(RESUME_WITHIN, _still_no_resume, session)
    try:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if session.outgoing.closed:
                continue
            await dispatch.handle(message.get("text") or "")
    finally:
        overdue.cancel()


def _still_no_resume(session: Session) -> None:
    if not session.resumed:
        session.outgoing.close(CloseCode.NO_RESUME)
