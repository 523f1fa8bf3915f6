"""The WebSocket transport: framing, and the beginning and end of a connection.

Its own receive loop on bare ASGI: Channels' consumers wait on two tasks a message, which is half
of what a message costs here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.realtime import authentication, origin
from apps.realtime.database import in_database
from apps.realtime.dispatch import Dispatch
from apps.realtime.outgoing import Outgoing
from apps.realtime.server import Server, server
from apps.realtime.session import Session
from apps.wire import bodies, events
from apps.wire.closing import CloseCode
from apps.wire.limits import FRAME_BYTES
from apps.wire.models import Epoch

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
RESUME_WITHIN = 10.0


async def websocket(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One connection, from its handshake to its end."""
    await receive()
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] != "/ws" or not origin.allowed(
        headers.get(b"origin", ""), headers.get(b"host", "")
    ):
        await send({"type": "websocket.close", "code": 4403})
        return
    try:
        key = authentication.session_key_of(headers.get(b"cookie", ""))
        welcomed = await in_database(_welcome, key) if key else None
    except (DatabaseError, InterfaceError):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": int(CloseCode.RESTARTING)})
        return
    await send({"type": "websocket.accept"})
    if key is None or welcomed is None:
        await send({"type": "websocket.close", "code": int(CloseCode.SIGNED_OUT)})
        return
    running = server()
    session = Session(
        person=welcomed.me.id,
        session_key=key,
        outgoing=Outgoing(send, running.hub.round),
        sends_per_second=settings.SENDS_PER_SECOND,
    )
    session.send(welcomed)
    await _talk(running, session, receive)


async def _talk(running: Server, session: Session, receive: Receive) -> None:
    dispatch = Dispatch(running, session)
    running.hub.sessions.add(session)
    arriving = running.loop.create_task(running.presence.arrive(session))
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
        session.outgoing.closed = True
        running.hub.leave(session)
        await asyncio.shield(arriving)
        running.presence.depart(session)


def _still_no_resume(session: Session) -> None:
    if not session.resumed:
        session.outgoing.close(CloseCode.NO_RESUME)


def _welcome(session_key: str) -> events.Welcome | None:
    user = authentication.person_of(session_key)
    if user is None:
        return None
    return events.Welcome(
        epoch=Epoch.objects.values_list("id", flat=True).latest("began_at"),
        me=profiles.me_body(user),
        time=timezone.now(),
        limits=bodies.Limits(text_length=settings.TEXT_LENGTH - 1, frame_bytes=FRAME_BYTES),
        release=settings.RELEASE,
    )
