"""The ASGI application: Django serves pages and the API, `apps.realtime` live connections."""

import gc
import os
import re
import sys
from urllib.parse import urlsplit

import django
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, LifespanScope
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
django.setup(set_prefix=False)

from apps.core.body_limit import BodyLimit  # noqa: E402  needs the apps to be loaded
from apps.core.host_of_programs import HostOfPrograms  # noqa: E402
from apps.core.http_requests import ObservedRequests  # noqa: E402
from apps.core.page_handler import PageHandler  # noqa: E402
from apps.core.static_files import StaticFiles  # noqa: E402
from apps.core.tracing import tracing  # noqa: E402
from apps.realtime import settings_check  # noqa: E402
from apps.realtime.routing import LIVE_PATHS, http_urlpatterns, websockets  # noqa: E402
from apps.realtime.server import get_server  # noqa: E402
from apps.wire.limits import MAX_CHUNK_BYTES, MAX_FRAME_BYTES, MAX_HOOK_BYTES  # noqa: E402

# The thread that commits messages waits for the interpreter after every response of the database.
# With the default of 5 ms these waits would be most of a message's latency.
sys.setswitchinterval(0.0005)

# Objects between two collections of the youngest.
GARBAGE_THRESHOLD = 10_000

# Other apps post hundreds of megabytes here, for the service worker. Without one, the view only
# says that they are lost.
SHARED = "/share"
UPLOADS = re.compile(r"/api/v1/files/[^/]+/content")
HOOKS = "/hooks/"


def max_body_bytes(path: str) -> int:
    """The largest body that is passed to Django; 0: none is. The view tells one byte more from a
    chunk."""
    if path == SHARED:
        return 0
    if path.startswith(HOOKS):
        return MAX_HOOK_BYTES
    return MAX_CHUNK_BYTES + 1 if UPLOADS.fullmatch(path) else MAX_FRAME_BYTES


requests = HostOfPrograms(PageHandler(), name=urlsplit(settings.PUBLIC_URL).netloc)
pages = StaticFiles(BodyLimit(requests, max_bytes=max_body_bytes))


def _set_up_garbage_collection() -> None:
    """Collect less often, and never what was imported, which lives as long as the process.

    Every person who connects brings objects that stay. With Python's defaults these cause full
    collections, each of which looks at all of Django again: a fifth of a connect's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, 20, 20)


async def lifespan(
    scope: LifespanScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Start `apps.realtime` before the first connection (ASGI lifespan), with the settings that
    administrators have changed."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            tracing.start("parley-web", settings.OTEL_EXPORTER_OTLP_ENDPOINT)
            await settings_check.check()
            get_server()
            _set_up_garbage_collection()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            tracing.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


http = URLRouter([*http_urlpatterns, re_path("", pages)])  # type: ignore[arg-type]  # no view
application = ProtocolTypeRouter(
    {
        "http": ObservedRequests(
            http,
            live=LIVE_PATHS,
            static=settings.STATIC_URL,
            continues=settings.TRACES_CONTINUE,
        ),
        "websocket": websockets,
        "lifespan": lifespan,
    }
)
