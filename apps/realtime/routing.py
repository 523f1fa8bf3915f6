"""Routes of live connections, for Channels' `URLRouter`.

The HTTP transports are plain ASGI applications. Channels' `AsyncHttpConsumer` would read a whole
body, of any size and without a timeout, before its handler could check the request, and would
subscribe every request to the channel layer.
"""

from django.urls import path, re_path

from apps.realtime.transports.commands import commands
from apps.realtime.transports.poll import poll
from apps.realtime.transports.stream import stream
from apps.realtime.transports.websocket import WebSocketConsumer, refuse

websocket_urlpatterns = [
    path("ws", WebSocketConsumer.as_asgi()),
    re_path("", refuse),  # type: ignore[arg-type]  # an ASGI application, no view
]
# These pass by Django's handlers, in which a waiting request would hold a thread.
http_urlpatterns = [
    path("api/v1/events", poll),  # type: ignore[arg-type]
    path("api/v1/events/stream", stream),  # type: ignore[arg-type]
    path("api/v1/commands", commands),  # type: ignore[arg-type]
]
