"""Routes of live connections.

The HTTP transports are plain ASGI applications. Channels' `AsyncHttpConsumer` would read a whole
body, of any size and without a timeout, before its handler could check the request, and would
subscribe every request to the channel layer.
"""

from collections.abc import Awaitable

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.urls import path

from apps.realtime.transports.commands import commands
from apps.realtime.transports.poll import poll
from apps.realtime.transports.stream import stream
from apps.realtime.transports.websocket import WebSocketConsumer, refuse

consumer = WebSocketConsumer.as_asgi()
# These bypass Django's handlers, in which a waiting request would hold a thread.
http_urlpatterns = [
    path("api/v1/events", poll),  # type: ignore[arg-type]
    path("api/v1/events/stream", stream),  # type: ignore[arg-type]
    path("api/v1/commands", commands),  # type: ignore[arg-type]
]


# Their requests take as long as the client listens.
LIVE_PATHS = frozenset({"/api/v1/events", "/api/v1/events/stream"})


def websockets(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> Awaitable[None]:
    """The only WebSocket, at `/ws`; any other is refused. A `URLRouter` would keep 1.1 KiB for each
    connection."""
    place = scope["path"].removeprefix(scope.get("root_path", ""))
    application = consumer if place == "/ws" else refuse
    return application(scope, receive, send)
