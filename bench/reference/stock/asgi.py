"""HTTP goes to Django, sockets through session and authentication to the consumer."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.reference.stock.settings")
http = get_asgi_application()

from bench.reference.stock.consumers import ChatConsumer  # noqa: E402  Django is ready only now

application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": AuthMiddlewareStack(URLRouter([path("ws", ChatConsumer.as_asgi())])),
    }
)
