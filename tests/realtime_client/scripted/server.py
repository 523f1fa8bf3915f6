"""The server itself, on a port and in a thread of its own."""

from typing import Any

from tests.realtime_client.scripted.asked import Asked
from tests.realtime_client.scripted.http import Http
from tests.realtime_client.scripted.listening import Listening
from tests.support.asgi import Served

BY_HTTP = ("/api/v1/events", "/api/v1/commands")


class ScriptedServer(Asked, Listening, Http, Served):
    """Static files, the socket and the few API paths a client needs, on one port."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["path"].startswith(BY_HTTP):
            await self._by_http(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, send)
