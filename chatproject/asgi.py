"""The ASGI application: Django serves pages and the API, `apps.realtime` live connections."""

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django = get_asgi_application()

from apps.core.static_files import StaticFiles  # noqa: E402  needs the apps to be loaded
from apps.realtime.server import get_server  # noqa: E402
from apps.realtime.transports.commands import commands  # noqa: E402
from apps.realtime.transports.poll import poll  # noqa: E402
from apps.realtime.transports.stream import stream  # noqa: E402
from apps.realtime.transports.websocket import websocket  # noqa: E402

# The thread that commits messages waits for the interpreter after every response of the database.
# With the default of 5 ms these waits would be most of a message's latency.
sys.setswitchinterval(0.0005)


Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
pages = StaticFiles(django)
LIVE_PATHS: dict[str, Any] = {
    "/api/v1/events": poll,
    "/api/v1/events/stream": stream,
    "/api/v1/commands": commands,
}


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Route live connections and static files past Django's handlers, where a request holds a
    thread."""
    await LIVE_PATHS.get(scope["path"], pages)(scope, receive, send)


async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Start `apps.realtime` before the first connection (ASGI lifespan)."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            get_server()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


application = ProtocolTypeRouter({"http": http, "websocket": websocket, "lifespan": lifespan})
