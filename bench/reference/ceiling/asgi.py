"""Echoes each text of a socket to all sockets: no users, no storage, no parsing."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

listeners: list[Send] = []


async def application(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application. Responds to the first text of a socket, a `resume`, with `synced`."""
    if scope["type"] == "websocket":
        await _socket(receive, send)
    elif scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"up"})
    else:
        raise NotImplementedError(scope["type"])


async def _socket(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    listeners.append(send)
    await send({"type": "websocket.send", "text": '{"type":"synced"}'})
    try:
        while (message := await receive())["type"] == "websocket.receive":
            frame = {"type": "websocket.send", "text": message["text"]}
            for listener in listeners:
                await listener(frame)
    finally:
        listeners.remove(send)
